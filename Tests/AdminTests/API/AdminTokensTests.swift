import Proxy
import Testing

@testable import Admin

@Suite("Admin tokens")
struct AdminTokensTests {
    private let directory = TemporaryDirectory()

    @Test(arguments: [
        ("Bearer change-me", AdminRole.switch), ("bearer change-me", .switch),
        ("Bearer look-at-me", .read), ("Bearer change-m", nil), ("Bearer change-mee", nil),
        ("Bearer change-me ", nil), ("Bearer ", nil), ("change-me", nil), ("Basic change-me", nil),
        ("", nil), (nil, nil),
    ])
    func `a token has its role, and nothing else has one`(field: String?, role: AdminRole?) {
        let tokens = AdminTokens(switchToken: "change-me", readToken: "look-at-me")

        #expect(tokens.role(authorization: field) == role)
    }

    @Test func `without tokens everybody may do everything`() {
        #expect(AdminTokens().role(authorization: nil) == .switch)
        #expect(AdminTokens().role(authorization: "Bearer x") == .switch)
    }

    @Test func `with a read token alone nobody may change anything`() {
        let tokens = AdminTokens(switchToken: nil, readToken: "look")

        #expect(tokens.role(authorization: nil) == nil)
        #expect(tokens.role(authorization: "Bearer look") == .read)
    }

    @Test func `open paths are those of the configuration`() throws {
        var config = Config.Admin()
        config.tokenFile = directory.write("token", Array("secret".utf8))
        config.withoutToken = [.liveness]

        let tokens = try AdminTokens(config)

        #expect(tokens.opens("/healthz"))
        #expect(!tokens.opens("/readyz"))
        #expect(!AdminTokens().opens("/healthz"))
    }

    @Test func `tokens are read from their files, without the line's end`() throws {
        var config = Config.Admin()
        config.tokenFile = directory.write("token", Array("secret\n".utf8))

        let tokens = try AdminTokens(config)

        #expect(tokens.role(authorization: "Bearer secret") == .switch)
        #expect(tokens.role(authorization: "Bearer secre") == nil)
    }

    @Test(arguments: [
        "", " \n", "two words\n", "a\nb\n", "\u{7F}", String(repeating: "x", count: 4_097),
    ])
    func `a file that holds no token is refused`(content: String) {
        var config = Config.Admin()
        config.tokenFile = directory.write("token", Array(content.utf8))

        #expect {
            try AdminTokens(config)
        } throws: { error in
            (error as? StartFailure)?.message.contains("has to hold one token") == true
        }
    }

    @Test func `a file that cannot be read is refused`() {
        var config = Config.Admin()
        config.tokenFile = directory.file("missing")

        #expect {
            try AdminTokens(config)
        } throws: { error in
            (error as? StartFailure)?.message.contains("No such file") == true
        }
    }
}
