import Proxy
import Testing

@testable import Admin

@Suite("Admin routes: drain")
struct AdminDrainTests {
    private let yard: YardUnderTest

    init() throws { yard = try YardUnderTest() }

    private func json(_ method: String, _ path: String, _ body: String? = nil) throws
        -> (status: Int, json: JSON)
    {
        let answer = try yard.ask(method, path, body)
        return (answer.status, try JSONParser.parse(Array(answer.text.utf8)))
    }

    @Test func `a slot without traffic and exchanges is drained`() throws {
        let (status, json) = try json("GET", "/drain")

        #expect(status == 200)
        #expect(json["slot"]?.string == "green")
        #expect(json["drained"]?.bool == true)
        #expect(json["exchanges"]?.integer == 0)
    }

    @Test func `the active slot is never drained, however idle`() throws {
        let (status, json) = try json("GET", "/drain?slot=blue")

        #expect(status == 200)
        #expect(json["takes_traffic"]?.bool == true)
        #expect(json["drained"]?.bool == false)
    }

    @Test func `the wait for an idle slot ends at once`() throws {
        let (status, json) = try json("POST", "/drain/wait", "{\"slot\": \"green\"}")

        #expect(status == 200)
        #expect(json["drained"]?.bool == true)
    }

    @Test(arguments: ["{\"slot\": \"blue\"}", "{\"slot\": \"blue\", \"timeout\": \"1h\"}"])
    func `nobody waits for a slot that takes traffic`(body: String) throws {
        let (status, json) = try json("POST", "/drain/wait", body)

        #expect(status == 409)
        #expect(json["error"]?.string?.contains("blue takes traffic") == true)
    }

    @Test func `nor for one with a canary`() throws {
        #expect(try yard.ask("PUT", "/canary", "{\"percent\": 1}").status == 200)
        #expect(try yard.ask("POST", "/drain/wait", "{\"slot\": \"green\"}").status == 409)
    }

    @Test(
        arguments: [
            ("GET", "/drain?slot=red", nil, 404), ("GET", "/drain?limit=1001", nil, 400),
            ("GET", "/drain?limit=x", nil, 400), ("POST", "/drain", nil, 405),
            ("GET", "/drain/wait", nil, 405), ("POST", "/drain/wait", "{\"slot\": \"red\"}", 404),
            ("POST", "/drain/wait", "{\"reason\": \"x\"}", 400),
            ("POST", "/drain/wait", "{\"timeout\": \"2h\"}", 400),
        ] as [(String, String, String?, Int)]
    )
    func `wrong questions are refused`(
        method: String,
        path: String,
        body: String?,
        status: Int
    ) throws {
        #expect(try yard.ask(method, path, body).status == status)
    }
}
