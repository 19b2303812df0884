import Proxy

/// One POST to somebody who is asked or told, signed if there is a secret.
struct WebhookCall {
    /// Longest secret; a file of another kind is refused rather than used.
    private static let secretLimitBytes = 4_096

    let hook: Config.Rollout.Webhook

    /// Sends `body`; any 2xx is a yes.
    func post(_ body: JSON) -> Rollout.Finding {
        let bytes = Array(body.line.utf8)
        do throws(HTTPClient.Failure) {
            let answer = try hook.url.client.ask(
                "POST",
                hook.url.target,
                fields: try signature(of: bytes),
                body: bytes,
                within: hook.timeout
            )
            guard answer.isDone else {
                let told = answer.text.prefix(200).split(separator: "\n").first ?? ""
                let words = told.isEmpty ? "" : ": \(told)"
                return .failed("\(place) answered \(answer.status)\(words)")
            }
            return .passed
        } catch {
            return .failed("\(place) does not answer: \(error.reason)")
        }
    }

    /// Without the path: that of a webhook is often its secret.
    private var place: String { "http://\(hook.url.authority)" }

    /// The file is read every time, so that a new secret needs no reload.
    private func signature(
        of body: [UInt8]
    ) throws(HTTPClient.Failure) -> [(name: String, value: String)] {
        guard let path = hook.secretFile else { return [] }
        let bytes: [UInt8]
        do { bytes = try contents(of: path, limitBytes: Self.secretLimitBytes) } catch {
            throw HTTPClient.Failure(reason: "its secret file cannot be read (\(error))")
        }
        let isBlank = { (byte: UInt8) in byte <= 0x20 }
        let secret = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        guard !secret.isEmpty else {
            throw HTTPClient.Failure(reason: "its secret file is empty")
        }
        let code = SHA256.authenticationCode(of: body, key: Array(secret))
        return [("X-Switchyard-Signature", "sha256=\(code.hexadecimal)")]
    }
}
