import TestSupport
import Testing

/// Checks what every answer of the proxy's own has in common: a status, and one line of plain
/// text that ends with the request's id, so that a user's complaint can be found in the log.
func expectError(
    _ response: HTTPResponse,
    status: Int,
    requestID: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(response.status == status, sourceLocation: sourceLocation)
    #expect(response.version == "HTTP/1.1", sourceLocation: sourceLocation)
    #expect(
        response["Content-Type"]?.hasPrefix("text/plain") == true,
        sourceLocation: sourceLocation
    )
    #expect(response.text.last == "\n", sourceLocation: sourceLocation)
    #expect(response.text.filter { $0 == "\n" }.count == 1, sourceLocation: sourceLocation)
    if let requestID {
        #expect(response.text.contains(requestID), sourceLocation: sourceLocation)
    } else {
        let words = response.text.split { !($0.isLetter || $0.isNumber || $0 == "-") }
        #expect(
            words.contains { $0.utf8.count >= 16 && $0.contains(where: \.isNumber) },
            "no request id in: \(response.text)",
            sourceLocation: sourceLocation
        )
    }
}
