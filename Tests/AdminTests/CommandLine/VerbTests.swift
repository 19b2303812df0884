import Testing

@testable import Admin

@Suite("Verbs")
struct VerbTests {
    private enum Knock: Verb {
        static let name = "knock"
        static let synopsis = "DOOR [--loud]"
        static let summary = "knocks"
        static let options = [Option("loud", help: "so that it is heard")]

        static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
            try arguments.require("DOOR")
            return arguments.has("loud") ? .done : .refused
        }
    }

    private let program = Program(verbs: [Knock.self])

    @Test(arguments: [
        (["knock", "front", "--loud"], ExitCode.done), (["knock", "front"], .refused),
        (["knock"], .wrongUsage), (["knock", "front", "--soft"], .wrongUsage),
        (["ring"], .wrongUsage), ([], .wrongUsage), (["--help"], .done), (["help"], .done),
        (["help", "knock"], .done), (["knock", "--help"], .done), (["--version"], .wrongUsage),
    ])
    func `words lead to their verb or to help`(words: [String], code: ExitCode) {
        #expect(program.run(words) == code)
    }
}
