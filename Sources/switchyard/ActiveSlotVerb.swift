import Admin

/// The verb `switchyard active-slot`.
enum ActiveSlotVerb: Verb {
    static let name = "active-slot"
    static let summary = "prints the slot that takes the live traffic"
    static let options = AdminSession.options

    static func run(_ arguments: Arguments) throws(UsageFailure) -> ExitCode {
        try arguments.require()
        return try AdminSession(arguments).activeSlot()
    }
}
