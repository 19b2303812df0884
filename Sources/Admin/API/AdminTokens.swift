import Proxy

/// Who may do what on the admin port.
enum AdminRole: Int, Comparable, Sendable {
    /// Everything but changes.
    case read
    case `switch`

    static func < (left: AdminRole, right: AdminRole) -> Bool { left.rawValue < right.rawValue }
}

/// The secrets of the admin port, as their files held them at the start or the last reload.
package struct AdminTokens: Sendable {
    /// Longest token; a file of another kind is refused rather than used.
    static let lengthLimitBytes = 4_096

    private var switchToken: [UInt8]?
    private var readToken: [UInt8]?
    private var openPaths: [String] = []

    /// No token: everybody who reaches the port may do everything.
    package init() {}

    init(switchToken: String?, readToken: String?, openPaths: [Config.Admin.OpenPath] = []) {
        self.openPaths = openPaths.map(\.rawValue)
        self.switchToken = switchToken.map { Array($0.utf8) }
        self.readToken = readToken.map { Array($0.utf8) }
    }

    /// Reads the files that the configuration names; throws when one cannot be read or is empty.
    package init(_ config: Config.Admin) throws(StartFailure) {
        switchToken = try Self.token(config.tokenFile)
        readToken = try Self.token(config.readTokenFile)
        openPaths = (config.withoutToken ?? []).map(\.rawValue)
    }

    private static func token(_ path: String?) throws(StartFailure) -> [UInt8]? {
        guard let path else { return nil }
        let bytes: [UInt8]
        do { bytes = try contents(of: path, limitBytes: lengthLimitBytes) } catch {
            throw StartFailure(
                message: "cannot read the admin token file \(path) (\(error)); make it"
                    + " readable for this user"
            )
        }
        let isBlank = { (byte: UInt8) in byte <= 0x20 }
        let token = Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        guard !token.isEmpty, token.count <= lengthLimitBytes,
            token.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw StartFailure(
                message: "the admin token file \(path) has to hold one token of visible ASCII"
                    + " characters, such as the output of: openssl rand -hex 32"
            )
        }
        return token
    }

    var areNeeded: Bool { switchToken != nil || readToken != nil }

    /// Whether everybody may look at `path`, whatever token was sent or not.
    func opens(_ path: String) -> Bool { openPaths.contains(path) }

    /// The role of whoever sent this `Authorization` field; nil for nobody we know.
    func role(authorization: String?) -> AdminRole? {
        guard areNeeded else { return .switch }
        guard let authorization else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let presented = Array(parts[1].utf8)
        // Both are always compared, so that the time tells nothing about either.
        let isSwitch = Self.isEqual(presented, switchToken)
        let isRead = Self.isEqual(presented, readToken)
        return isSwitch ? .switch : isRead ? .read : nil
    }

    /// Compares in a time that depends on the length presented alone.
    private static func isEqual(_ presented: [UInt8], _ secret: [UInt8]?) -> Bool {
        guard let secret else { return false }
        var difference = presented.count ^ secret.count
        for (place, byte) in presented.enumerated() {
            difference |= Int(byte ^ secret[place % secret.count])
        }
        return difference == 0
    }
}
