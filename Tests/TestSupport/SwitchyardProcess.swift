import FoundationEssentials
import CLinux
import Glibc

/// The whole program in a process of its own, as a user runs it.
package final class SwitchyardProcess: Sendable {
    package let child: ChildProcess
    package let port: UInt16
    package let adminPort: UInt16

    /// The built program beside the tests that run.
    package static let executable: String = {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        guard let tests, let slash = tests.lastIndex(of: "/") else { return "switchyard" }
        return tests[...slash] + "switchyard"
    }()

    /// Runs `switchyard serve` with a configuration and waits until it is ready.
    ///
    /// `launcher` are words in front of it: a program that runs it in some way.
    package init(
        _ config: ConfigText,
        in folder: TemporaryFolder,
        environment: [String: String] = [:],
        launcher: [String] = []
    ) throws {
        let path = try folder.write(config.json, to: "proxy.json")
        child = try ChildProcess(
            launcher + [Self.executable, "serve", path],
            environment: environment
        )
        adminPort = try child.waitForText("it tells its admin port") {
            Self.port(afterWord: "admin port on", in: $0)
        }
        let status = try Self.ask("GET", "/status", port: adminPort)
        guard let port = Self.port(afterWord: "\"bound\"", in: status.text) else {
            throw TestFailure("no listener in \(status.text)")
        }
        self.port = port
        var last = ""
        do {
            try eventually("it is ready") {
                let answer = try Self.ask("GET", "/readyz", port: adminPort)
                last = answer.text
                return answer.status == 200
            }
        } catch { throw TestFailure("\(error): \(last) \(child.errorText)") }
    }

    /// The port of the first whole address of the IPv4 loopback behind `word`.
    private static func port(afterWord word: String, in text: String) -> UInt16? {
        guard let place = text.firstRange(of: word) else { return nil }
        let rest = text[place.upperBound...]
        guard let address = rest.firstRange(of: "127.0.0.1:") else { return nil }
        let digits = rest[address.upperBound...].prefix(while: \.isNumber)
        // The number is whole only when something follows it.
        guard digits.endIndex < text.endIndex else { return nil }
        return UInt16(digits).flatMap { $0 == 0 ? nil : $0 }
    }

    private static func ask(
        _ method: String,
        _ target: String,
        body: String = "",
        port: UInt16
    ) throws -> HTTPResponse {
        try RawDownstream(port: port).exchange(
            """
            \(method) \(target) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
        )
    }

    /// Asks the admin port.
    package func admin(_ method: String, _ target: String, body: String = "") throws
        -> HTTPResponse
    {
        try Self.ask(method, target, body: body, port: adminPort)
    }

    package func connect(receiveBufferBytes: Int32? = nil) throws -> RawDownstream {
        try RawDownstream(port: port, receiveBufferBytes: receiveBufferBytes)
    }

    /// Which slot an ordinary request on a connection of its own reaches.
    package func servingSlot() throws -> String? { try connect().get("/")["X-Origin"] }

    /// Runs a verb of the command line against this process.
    package func run(_ words: String...) throws -> (ending: ChildProcess.Ending, output: String) {
        let verb = try ChildProcess(
            [Self.executable] + words,
            environment: ["SWITCHYARD_ADMIN": "http://127.0.0.1:\(adminPort)"]
        )
        let ending = try verb.waitForEnd()
        return (ending, verb.outputText + verb.errorText)
    }
}
