import TestSupport
import Testing

@testable import Proxy

@Suite("Publishing")
struct ProxyServerTests {
    /// A worker needs some ten microseconds to wake and follow: of hundreds of changes that did
    /// not wait for it, some would be seen before it has.
    @Test func `a change returns when every worker follows it, not before`() throws {
        let origin = try OriginServer()
        let proxy = try ProxyUnderTest(blue: origin) { $0.workers = 4 }

        let early = (0..<300).filter { turn in
            proxy.switchTo(turn.isMultiple(of: 2) ? .green : .blue)
            return !proxy.server.isFollowed
        }

        #expect(early == [])
    }
}
