import CLinux
import Glibc
import TestSupport
import Testing

@Suite("switchyard demo")
struct DemoProcessTests {
    /// Starts a demo whose proxy and admin port are free ones, and waits until it has said its word.
    private static func start(in folder: TemporaryFolder) throws -> (ChildProcess, text: String) {
        for _ in 0..<20 {
            var config = ConfigText(blue: "", green: "")
            // Below those that the system gives to connections; another program may have one.
            let ports = (0..<2).map { _ in UInt16.random(in: 10_000..<32_000) }
            (config.blue, config.green) = ("127.0.0.1:\(ports[0])", "127.0.0.1:\(ports[1])")
            config.listener = "0.0.0.0:0"
            let path = try folder.write(config.json, to: "proxy.json")
            let process = try ChildProcess([SwitchyardProcess.executable, "demo", path])
            try eventually("it greets, or ends") {
                process.hasEnded || process.outputText.contains("make green fail\n")
            }
            if !process.hasEnded { return (process, process.outputText) }
        }
        throw TestFailure("no demo started")
    }

    @Test func `what it tells to try works as it stands, on the ports that it took`() throws {
        let folder = try TemporaryFolder()
        let (process, text) = try Self.start(in: folder)
        try process.waitForText("both slots are healthy") {
            $0.matches(of: #/of app is healthy/#).count == 2 ? true : nil
        }
        let commands = text.split(separator: "\n").filter { $0.hasPrefix("  curl ") }
            .map { line in
                let words = line.dropFirst(2)
                return String(words[..<(words.firstRange(of: "   ")?.lowerBound ?? words.endIndex)])
            }

        var answers: [String] = []
        for command in commands {
            let curl = try ChildProcess([
                "sh", "-c", command.replacing("curl ", with: "curl -sSf "),
            ])
            #expect(try curl.waitForEnd() == .exit(0), "\(command): \(curl.errorText)")
            answers.append(curl.outputText)
        }
        process.send(SIGINT)

        #expect(commands.count == 8)
        #expect(answers[1] == "blue\n")
        #expect(answers[2].contains("green"))
        #expect(answers[6].contains("http_requests_total"))
        #expect(try process.waitForEnd() == .exit(0), "\(process.errorText)")
    }
}
