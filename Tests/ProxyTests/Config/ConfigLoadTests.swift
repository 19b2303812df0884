import Foundation
import Testing

@testable import Proxy

@Suite("Config load")
struct ConfigLoadTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    func withFile<Result>(_ content: String, _ body: (String) throws -> Result) throws -> Result {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "proxy.json")
        try Data(content.utf8).write(to: file)
        return try body(file.path)
    }

    @Test func `a file is read and checked`() throws {
        let config = try withFile(ConfigText().text) { try Config.load(path: $0) }

        #expect(try config == ConfigText().config())
    }

    @Test func `a file that does not exist is told by its path`() {
        let expected = ConfigFailure(issues: [
            ConfigIssue(
                path: "/nowhere/proxy.json",
                found: "no readable file (No such file or directory)",
                message: "name the configuration's file, such as proxy.json"
            )
        ])

        #expect(throws: expected) { try Config.load(path: "/nowhere/proxy.json") }
    }

    @Test(
        "what is no file of a bearable size is refused",
        arguments: [("/", "Is a directory"), ("/dev/zero", "larger than 1MiB")]
    )
    func unreadable(path: String, reason: String) {
        let error = #expect(throws: ConfigFailure.self) { try Config.load(path: path) }

        #expect(error?.issues.map(\.found) == ["no readable file (\(reason))"])
    }

    @Test func `text that is no JSON is told by line and column`() {
        let issues = Config.issues(of: "{\n  \"listeners\": [,\n}")

        #expect(
            issues == [
                ConfigIssue(
                    path: "$",
                    found: "`,`",
                    message: "write a value: an object, a list, a string in quotes or a number",
                    line: 2,
                    column: 17
                )
            ]
        )
    }

    @Test func `an empty file is no configuration`() {
        #expect(Config.issues(of: "").map(\.found) == ["the end of the file"])
        #expect(Config.issues(of: "[]").map(\.found) == ["an empty list"])
    }

    @Test func `the preview's token is read without the blanks around it`() throws {
        let text = ConfigText(more: #""preview": {"token_file": "secret"}"#)

        let config = try text.config(files: ["secret": "  open-sesame\r\n"])

        #expect(config.preview?.token == "open-sesame")
        #expect(config.preview?.tokenFile == "secret")
    }

    @Test func `a token file of the disk is read`() throws {
        try withFile("open-sesame\n") { path in
            let config = try Config.parse(
                ConfigText(more: #""preview": {"token_file": "\#(path)"}"#).text
            )
            #expect(config.preview?.token == "open-sesame")
        }
    }

    @Test(
        "a token file without a token is refused",
        arguments: ["$.admin.token_file", "$.admin.read_token_file", "$.preview.token_file"],
        [
            (
                nil, "a file that cannot be read (absent)",
                "write the path of a readable file with a token"
            ),
            ("", "a file without a token", "put a token into it"),
            (" \n\t", "a file without a token", "put a token into it"),
            (
                "two words", "a file with more than a token",
                "put one word of at most 1024 printable ASCII characters into it"
            ),
            (
                "ünsafe", "a file with more than a token",
                "put one word of at most 1024 printable ASCII characters into it"
            ),
            (
                String(repeating: "x", count: 1_025), "a file with more than a token",
                "put one word of at most 1024 printable ASCII characters into it"
            ),
        ] as [(String?, String, String)]
    )
    func tokens(path: String, file: (content: String?, found: String, message: String)) {
        let names = path.split(separator: ".")
        let text = ConfigText(more: #""\#(names[1])": {"\#(names[2])": "secret"}"#)

        let issues = text.issues(files: file.content.map { ["secret": $0] } ?? [:])

        #expect(issues.map(\.path) == [path])
        #expect(issues.map(\.found) == [file.found])
        #expect(issues.map(\.message) == [file.message])
    }

    @Test func `the token that may look must differ from the one that may switch`() {
        let text = ConfigText(more: #""admin": {"token_file": "a", "read_token_file": "b"}"#)

        let issues = text.issues(files: ["a": "sesame\n", "b": "sesame"])

        #expect(issues.map(\.path) == ["$.admin.read_token_file"])
        #expect(issues.map(\.found) == ["the token of `token_file`"])
    }

    @Test func `no message repeats a token, even one written for its file`() {
        let text = ConfigText(
            more: #"""
                "admin": {"token_file": "sesame-1", "read_token_file": "file"},
                "preview": {"token_file": "sesame-2", "token": "sesame-3"}
                """#
        )

        let failure = ConfigFailure(issues: text.issues(files: ["file": "sesame 4"]))

        #expect(failure.issues.count == 4)
        #expect(!failure.description.contains("sesame"))
    }

    @Test func `another bind address than the loopback does with a token`() throws {
        let text = ConfigText(more: #""admin": {"address": "0.0.0.0:8081", "token_file": "t"}"#)

        #expect(try text.config(files: ["t": "sesame"]).admin.tokenFile == "t")
    }
}
