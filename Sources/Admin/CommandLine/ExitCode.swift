/// What the program tells whoever started it.
package enum ExitCode: Int32, Sendable {
    case done = 0
    /// Refused or failed.
    case refused = 1
    /// Nobody can tell yet.
    case inconclusive = 2
    case wrongUsage = 64
    /// The admin port does not answer.
    case unreachable = 69
}
