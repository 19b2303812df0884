import Proxy

/// Asks an admin port and waits for the answer.
struct AdminClient {
    /// How long an answer may take that waits for nothing else.
    static let answerLimit = Duration.seconds(30)
    /// How long an upgrade may take: the proxy's own limit, `timeouts.upgrade`, ends it before.
    static let upgradeLimit = Duration.seconds(3_600)
    /// Largest answer: metrics of thousands of endpoints stay below.
    private static let answerLimitBytes = 64 << 20

    typealias Answer = HTTPClient.Answer

    let address: AdminAddress
    let token: String?

    /// Nobody answered, or not whole: a sentence.
    struct Unreachable: Error, Equatable {
        let message: String
    }

    private var client: HTTPClient {
        HTTPClient(
            place: address.place,
            authority: address.authority,
            answerLimitBytes: Self.answerLimitBytes
        )
    }

    func ask(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)] = [],
        body: JSON? = nil,
        within limit: Duration = answerLimit
    ) throws(Unreachable) -> Answer {
        let own = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        do throws(HTTPClient.Failure) {
            return try client.ask(
                method,
                path,
                fields: own + fields,
                body: body.map { Array($0.line.utf8) },
                within: limit
            )
        } catch {
            throw unreachable(error.reason)
        }
    }

    func connect() throws(Unreachable) -> Connection {
        do throws(HTTPClient.Failure) { return try client.connect() } catch {
            throw unreachable(error.reason)
        }
    }

    private func unreachable(_ reason: String) -> Unreachable {
        Unreachable(
            message: "the admin port \(address.authority) does not answer (\(reason)); is"
                + " switchyard running there? name another with --admin URL or SWITCHYARD_ADMIN"
        )
    }
}
