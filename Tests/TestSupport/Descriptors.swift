import CLinux
import Glibc

/// The limit of open descriptors of this process and its children.
package enum Descriptors {
    /// Takes all that the system allows; thousands of connections need more than the usual 1,024.
    package static func raiseLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
