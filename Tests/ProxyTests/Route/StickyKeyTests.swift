import Testing

@testable import Proxy

@Suite("Sticky key")
struct StickyKeyTests {
    let client = IPAddress(v4: 0xC000_0201)

    func hash(_ sticky: Config.Canary.Sticky, _ fields: [(String, String)]) throws -> UInt32 {
        let request = RouteRequest("/", fields: fields)
        return try request.parsed { _, fields in
            StickyKey(sticky)
                .hash(head: request.bytes.span, fields: fields, client: client, random: 42)
        }
    }

    @Test func `the client's address, whatever the fields are`() throws {
        let expected = StickyHash.of(client)

        #expect(try hash(.clientAddress, []) == expected)
        #expect(try hash(.clientAddress, [("Cookie", "user=7")]) == expected)
    }

    @Test func `chance, whatever the fields are`() throws {
        #expect(try hash(.none, [("Cookie", "user=7")]) == 42)
    }

    @Test(
        "the value of a cookie",
        arguments: [
            [("Cookie", "user=7")], [("cookie", "a=b; user=7")],
            [("Cookie", "a=b"), ("Cookie", "user=7")], [("Cookie", "user="), ("Cookie", "user=7")],
        ]
    )
    func cookie(fields: [(String, String)]) throws {
        #expect(try hash(.cookie("user"), fields) == StickyHash.of(Array("7".utf8).span))
    }

    @Test(
        "the value of a header",
        arguments: [
            [("X-User", "7")], [("x-user", "7")], [("X-USER", ""), ("X-User", "7")],
            [("X-User", "7"), ("X-User", "8")],
        ]
    )
    func header(fields: [(String, String)]) throws {
        #expect(try hash(.header("x-user"), fields) == StickyHash.of(Array("7".utf8).span))
    }

    @Test(
        "the client's address where the key is absent or empty",
        arguments: [
            [], [("Cookie", "other=1")], [("Cookie", "user=")], [("Cookie", "USER=7")],
            [("X-User", "")], [("Cookies", "user=7")],
        ] as [[(String, String)]]
    )
    func absent(fields: [(String, String)]) throws {
        #expect(try hash(.cookie("user"), fields) == StickyHash.of(client))
        #expect(try hash(.header("x-user"), fields) == StickyHash.of(client))
    }
}
