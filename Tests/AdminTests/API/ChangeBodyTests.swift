import Proxy
import Testing

@testable import Admin

@Suite("Change bodies")
struct ChangeBodyTests {
    private func body(_ text: String, _ keys: [ChangeBody.Key] = ChangeBody.Key.allCases)
        throws(AdminRefusal) -> ChangeBody
    {
        try ChangeBody(Array(text.utf8), allowing: keys)
    }

    @Test func `all members are read`() throws {
        let read = try body(
            """
            {"slot": "green", "reason": "release 7", "wait": "drained", "timeout": "90s",
             "force": true, "percent": 12.5}
            """
        )

        var expected = ChangeBody()
        expected.slot = "green"
        expected.reason = "release 7"
        expected.waitsUntilDrained = true
        expected.timeout = .seconds(90)
        expected.force = true
        expected.percent = Weight(basisPoints: 1_250)
        #expect(read == expected)
    }

    @Test(arguments: ["", " \r\n", "{}"])
    func `an empty body has no members`(text: String) throws {
        #expect(try body(text) == ChangeBody())
    }

    @Test(arguments: [
        ("{\"slot\": 7}", "\"slot\" is 7, not a string"),
        ("{\"percent\": 12.345}", "in steps of 0.01"),
        ("{\"percent\": 100.01}", "from 0 to 100"),
        ("{\"percent\": -1}", "from 0 to 100"),
        ("{\"percent\": \"5\"}", "from 0 to 100"),
        ("{\"reason\": \"a\\u0007b\"}", "one line of at most 500 characters"),
        ("{\"reason\": \"\(String(repeating: "x", count: 501))\"}", "at most 500 characters"),
        ("{\"wait\": \"empty\"}", "\"wait\" can only be \"drained\""),
        ("{\"timeout\": 30}", "such as \"30s\""),
        ("{\"timeout\": \"2h\"}", "at most one hour"),
        ("{\"force\": \"yes\"}", "\"force\" has to be true or false"),
        ("{\"speed\": 1, \"slots\": 2}", "\"speed\" is unknown, \"slots\" is unknown"),
        ("[]", "the body is an empty list"),
        ("green", "the body is not JSON"),
        ("{\"slot\": \"a\", \"slot\": \"b\"}", "twice"),
        ("{\"slot\": \"a\"} x", "not JSON"),
    ])
    func `every mistake is named, with what to send`(text: String, part: String) {
        #expect {
            try body(text)
        } throws: { error in
            guard let refusal = error as? AdminRefusal else { return false }
            return refusal.status == 400 && refusal.message.contains(part)
                && refusal.message.contains("send an object with any of \"slot\"")
        }
    }

    @Test func `a member that belongs to another request is unknown here`() {
        #expect {
            try body("{\"percent\": 1}", ChangeBody.forSwitch)
        } throws: { error in
            (error as? AdminRefusal)?.message.contains("\"percent\" is unknown") == true
        }
    }
}
