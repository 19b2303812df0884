/// The cookies of one user, kept as a browser keeps them.
package struct CookieJar: Sendable {
    private var values: [(name: String, value: String)] = []

    package init() {}

    package subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    package var isEmpty: Bool { values.isEmpty }

    /// What a request of the user sends; a harmless field while there are no cookies.
    package var field: String {
        guard !isEmpty else { return "X-No-Cookies: 1" }
        return "Cookie: " + values.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    package mutating func take(_ response: HTTPResponse) {
        for line in response.head.values("Set-Cookie") {
            let parts = line.split(separator: ";").map { $0.trimmingBlanks() }
            let pair = parts[0].split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            values.removeAll { $0.name == String(pair[0]) }
            if !parts.contains("Max-Age=0"), pair.count == 2 {
                values.append((String(pair[0]), String(pair[1])))
            }
        }
    }
}
