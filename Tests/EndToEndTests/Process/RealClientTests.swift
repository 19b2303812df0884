import Proxy
import TestSupport
import Testing

@Suite("Real clients")
struct RealClientTests {
    private let folder: TemporaryFolder
    private let origin: OriginServer
    private let proxy: ProxyUnderTest

    init() throws {
        folder = try TemporaryFolder()
        origin = try OriginServer("blue") { exchange in
            switch exchange.request.target {
            case "/chunked":
                try exchange.body()
                try exchange.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                try exchange.sendChunk("one ")
                try exchange.sendChunk("two")
                try exchange.send("0\r\n\r\n")
            case "/empty": try exchange.send("HTTP/1.1 204 No Content\r\n\r\n")
            case "/close":
                try exchange.body()
                try exchange.send("HTTP/1.1 200 OK\r\n\r\nuntil the end")
                exchange.close()
            default:
                if exchange.request["Expect"] != nil {
                    try exchange.send("HTTP/1.1 100 Continue\r\n\r\n")
                }
                let body = try exchange.body()
                let answer = "\(exchange.request.method) \(exchange.request.target) \(body.count)"
                try exchange.respond(body: answer)
            }
        }
        proxy = try ProxyUnderTest(blue: origin)
    }

    private func url(_ path: String) -> String { "http://127.0.0.1:\(proxy.port)\(path)" }

    /// Runs curl, expects that it is content, and answers what it printed.
    private func curl(
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> String {
        let curl = try ChildProcess(
            ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "8"] + words
        )
        let ending = try curl.waitForEnd()
        #expect(ending == .exit(0), "\(curl.errorText)", sourceLocation: sourceLocation)
        return curl.outputText
    }

    @Test func `curl gets, asks for a head and reads every framing`() throws {
        #expect(try curl(url("/a?b=c")) == "GET /a?b=c 0")
        #expect(try curl("--head", url("/h")).hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try curl(url("/chunked")) == "one two")
        #expect(try curl(url("/close")) == "until the end")
        #expect(try curl("--include", url("/empty")).hasPrefix("HTTP/1.1 204"))
    }

    @Test func `curl posts with a length, in chunks and with an expectation`() throws {
        let path = try folder.write(String(repeating: "x", count: 300_000), to: "body")

        let post = try curl("--data", "a=b", url("/form"))
        let chunked = try curl(
            "--header",
            "Transfer-Encoding: chunked",
            "--data-binary",
            "@\(path)",
            url("/chunks")
        )
        let expecting = try curl(
            "--header",
            "Expect: 100-continue",
            "--expect100-timeout",
            "20",
            "--http1.1",
            "--upload-file",
            path,
            url("/upload")
        )

        #expect(post == "POST /form 3")
        #expect(chunked == "POST /chunks 300000")
        #expect(expecting == "PUT /upload 300000")
    }

    @Test func `curl speaks HTTP/1.0`() throws {
        #expect(try curl("--http1.0", url("/old")) == "GET /old 0")
        #expect(try curl("--http1.0", url("/chunked")) == "one two")
        #expect(try curl("--http1.0", "--data", "abc", url("/post")) == "POST /post 3")
    }

    @Test func `curl keeps its connection`() throws {
        let output = try curl(
            "--write-out",
            "%{num_connects} ",
            url("/1"),
            url("/2"),
            url("/chunked"),
            url("/3")
        )

        #expect(output.filter { $0 == "1" }.count == 2)
        #expect(output.hasSuffix("GET /3 00 "))
    }

    @Test func `Python's http.client is content`() throws {
        let script = try folder.write(
            """
            import http.client, sys

            connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
            connection.connect()
            socket = connection.sock

            def ask(method, path, **more):
                connection.request(method, path, **more)
                response = connection.getresponse()
                return response.status, response.read().decode()

            for number in range(20):
                assert ask("GET", f"/{number}") == (200, f"GET /{number} 0")
            assert ask("POST", "/p", body=b"x" * 100000) == (200, "POST /p 100000")
            pieces = iter([b"one", b"two" * 1000, b"three"])
            assert ask("PUT", "/c", body=pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"}) == (200, "PUT /c 3008")
            assert ask("HEAD", "/h") == (200, "")
            assert ask("GET", "/chunked") == (200, "one two")
            assert ask("GET", "/empty") == (204, "")
            assert ask("DELETE", "/d") == (200, "DELETE /d 0")
            assert connection.sock is socket, "the connection was not kept"
            assert ask("GET", "/close") == (200, "until the end")
            print("content")

            """,
            to: "client.py"
        )

        let python = try ChildProcess(["python3", script, "\(proxy.port)"])

        #expect(try python.waitForEnd() == .exit(0), "\(python.errorText)")
        #expect(python.outputText == "content\n")
    }

    // MARK: Sessions

    /// A proxy with half of its traffic in a canary, in which nothing but a cookie keeps a user.
    private func splitProxy(_ green: OriginServer) throws -> ProxyUnderTest {
        let proxy = try ProxyUnderTest(blue: origin, green: green) {
            $0.canary.sticky = .none
            $0.canary.session = Config.Session()
            $0.canary.session?.maxAge = .seconds(3_600)
        }
        proxy.setCanary(Weight(percent: 50))
        return proxy
    }

    @Test func `curl's cookie jar keeps its session until the canary ends`() throws {
        let green = try OriginServer("green") { try $0.respond(body: "green") }
        let proxy = try splitProxy(green)
        let jar = folder["jar"]
        let ask = {
            try curl("--cookie", jar, "--cookie-jar", jar, "http://127.0.0.1:\(proxy.port)/page")
        }

        let first = try ask()
        let more = try (0..<12).map { _ in try ask() }
        let kept = folder.text(of: "jar") ?? ""
        proxy.setCanary(nil)
        _ = try ask()

        #expect(more.allSatisfy { $0 == first })
        #expect(kept.contains("#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t"))
        #expect(kept.contains("\tswitchyard_slot\t"))
        #expect(folder.text(of: "jar")?.contains("switchyard_slot") == false)
    }

    @Test func `Python's cookie jar keeps its session`() throws {
        let green = try OriginServer("green") { try $0.respond(body: "green") }
        let proxy = try splitProxy(green)
        let script = try folder.write(
            """
            import http.cookiejar, sys, urllib.request

            url = "http://127.0.0.1:%s/page" % sys.argv[1]
            jar = http.cookiejar.CookieJar()
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))

            def ask():
                return opener.open(url, timeout=20).read()

            first = ask()
            assert [cookie.name for cookie in jar] == ["switchyard_slot"], list(jar)
            assert all(ask() == first for _ in range(20))
            print("kept")

            """,
            to: "jar.py"
        )

        let python = try ChildProcess(["python3", script, "\(proxy.port)"])

        #expect(try python.waitForEnd() == .exit(0), "\(python.errorText)")
        #expect(python.outputText == "kept\n")
    }
}
