import Proxy

/// Asks a Prometheus server for the present value of a query (HTTP API v1).
struct PrometheusClient {
    let url: HTTPURL

    func ask(_ query: Config.Rollout.Query) -> QueryRecord.Answer {
        let base = url.target.hasSuffix("/") ? String(url.target.dropLast()) : url.target
        let target = "\(base)/api/v1/query?query=\(Self.encoded(query.query))"
        do throws(HTTPClient.Failure) {
            return Self.answer(try url.client.ask("GET", target, within: query.timeout))
        } catch {
            return .unclear("\(url.authority) does not answer: \(error.reason)")
        }
    }

    /// Reads what the server said: exactly one number, or none and why.
    static func answer(_ answer: HTTPClient.Answer) -> QueryRecord.Answer {
        guard answer.isDone, let json = answer.json, json["status"]?.string == "success" else {
            let told = answer.json?["error"]?.string ?? "no reason given"
            return .unclear("Prometheus answered \(answer.status): \(told.prefix(200))")
        }
        let result = json["data"]?["result"]?.array ?? []
        switch json["data"]?["resultType"]?.string {
        case "scalar": return number(result)
        case "vector" where result.isEmpty: return .unclear("the query has no data")
        case "vector" where result.count > 1:
            let advice = "write one that has one, as by sum()"
            return .unclear("the query has \(result.count) series; \(advice)")
        case "vector": return number(result[0]["value"]?.array ?? [])
        case let kind: return .unclear("the query gives a \(kind ?? "nothing"), not a number")
        }
    }

    /// Reads `[time, "value"]`.
    private static func number(_ pair: [JSON]) -> QueryRecord.Answer {
        guard pair.count == 2, let text = pair[1].string, let number = Double(text) else {
            return .unclear("the query gives no number")
        }
        guard number.isFinite else { return .unclear("the query gives \(text)") }
        return .number(number)
    }

    /// RFC 3986 §2.3: all but unreserved characters in `%XX`.
    static func encoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            plain.contains(byte)
                ? String(decoding: [byte], as: UTF8.self)
                : "%" + [byte].hexadecimal.uppercased()
        }.joined()
    }
}

extension HTTPURL {
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    var client: HTTPClient {
        HTTPClient(place: .network(host: host, port: "\(port)"), authority: authority)
    }
}
