import TestSupport
import Testing

@testable import Proxy

@Suite("Event token")
struct EventTokenTests {
    static let kinds: [EventToken.Kind] = [.wakeUp, .listener, .downstream, .upstream]

    @Test(arguments: kinds)
    func `it survives its way through epoll`(kind: EventToken.Kind) {
        var random = SeededRandom(seed: 1)
        let indices =
            [0, 1, EventToken.indexLimit - 1]
            + (0..<200).map { _ in Int.random(in: 0..<EventToken.indexLimit, using: &random) }
        for index in indices {
            for generation in [0, 1, .max, UInt32.random(in: 0 ... .max, using: &random)] {
                let token = EventToken(kind, index, generation: generation)

                #expect(EventToken(rawValue: token.rawValue) == token)
            }
        }
    }

    @Test func `kind, index and generation have bits of their own`() {
        let token = EventToken(.upstream, 0xAB_CDEF, generation: 0x0123_4567)

        #expect(token.rawValue == 0x03AB_CDEF_0123_4567)
    }

    @Test func `a successor in the same place is another token`() {
        let first = EventToken(.downstream, 7, generation: 1)
        let second = EventToken(.downstream, 7, generation: 2)

        #expect(first != second)
    }

    @Test func `an index past the limit traps`() async {
        await #expect(processExitsWith: .failure) {
            _ = EventToken(.downstream, EventToken.indexLimit)
        }
        await #expect(processExitsWith: .failure) { _ = EventToken(.downstream, -1) }
    }

    @Test func `bits that were never made from a token trap`() async {
        await #expect(processExitsWith: .failure) { _ = EventToken(rawValue: .max) }
    }
}
