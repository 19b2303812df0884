import Proxy
import TestSupport
import Testing

@testable import Admin

@Suite("Notifier")
struct NotifierTests {
    private let hook: OriginServer
    private let yard: YardUnderTest
    private let notifier: Notifier

    init() throws {
        hook = try OriginServer("hook")
        let url = "http://\(hook.authority)/"
        yard = try YardUnderTest(
            more: #""rollout": {"notices": [{"url": "\#(url)", "interval": "10ms"}]},"#
        )
        notifier = try Notifier(yard.control)
    }

    @Test func `a change without a rollout is told too, in words that a chat shows`() throws {
        #expect(try yard.ask("POST", "/switch/green", #"{"reason": "release 7"}"#).status == 200)

        notifier.turn()

        let body = try JSONParser.parse(try hook.onlyRequest().body)
        #expect(
            body["text"]?.string
                == "switchyard: switch from blue to green: release 7 (by 127.0.0.1)"
        )
        #expect(body["change"]?["generation"]?.integer == 2)
        notifier.stop()
    }

    @Test func `who does not take it is told a few times, and then it is counted as lost`() throws {
        hook.behave { try $0.respond("500 Internal Server Error") }
        #expect(try yard.ask("POST", "/switch/green").status == 200)

        notifier.turn()

        try eventually("it is lost") { yard.control.board.lostNoticeCount == 1 }
        #expect(hook.requests.count == Notifier.attemptLimit)
        notifier.stop()
    }
}
