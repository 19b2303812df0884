import Admin

/// The verb `switchyard inactive-slot`.
enum InactiveSlotVerb: Verb {
    static let name = "inactive-slot"
    static let summary = "prints the slot to deploy to"
    static let options = AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).inactiveSlot()
    }
}
