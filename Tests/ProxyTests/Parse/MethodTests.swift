import Testing

@testable import Proxy

@Suite("Method")
struct MethodTests {
    @Test(arguments: Method.allCases.filter { $0 != .other && $0 != .connect })
    func `a method is known by its name`(method: Method) throws {
        let (head, _) = try accepted(request: "\(method.name) / HTTP/1.1\r\nHost: a\r\n\r\n")

        #expect(head.method == method)
        #expect(head.methodBytes.count == method.name.utf8CodeUnitCount)
    }

    @Test(arguments: ["get", "Get", "Head", "connect", "oPTIONS", "patch"])
    func `a known name in another case is refused`(name: String) {
        let request = "\(name) / HTTP/1.1\r\nHost: a\r\n\r\n"

        #expect(readRequest(request.utf8).error == .methodInOtherCase)
    }

    @Test(arguments: [
        "GETS", "GE", "POSTS", "PATCHES", "PROPFIND", "VERSION-CONTROL", "OTHER", "M", "!", "gets",
        "propfind", "M-GET",
    ])
    func `unknown names are other`(name: String) throws {
        let (head, _) = try accepted(request: "\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")

        #expect(head.method == .other)
        #expect(!head.method.isIdempotent)
    }

    @Test func `idempotent methods are those of RFC 9110`() {
        let idempotent = Method.allCases.filter(\.isIdempotent)

        #expect(idempotent == [.get, .head, .put, .delete, .options, .trace])
    }

    @Test func `names for metrics are all different`() {
        let names = Set(Method.allCases.map { "\($0.name)" })

        #expect(names.count == Method.allCases.count)
        #expect("\(Method.other.name)" == "OTHER")
    }
}
