import BenchmarkSockets

/// What one run of the generator does, as the command line says it.
struct Plan {
    /// When the next request is sent.
    enum Pace: Equatable {
        /// As soon as a connection has fewer than `depth` requests without an answer.
        case closed(depth: Int)
        /// At fixed times, whatever the answers do; requests per second.
        case fixed(rate: Double)
        /// Once per connection, which then stays open; `atOnce` of them at the same time.
        case hold(atOnce: Int)
    }

    static let usage = """
        usage: bench-load --port PORT [--path PATH] [--connections N] [--seconds S] [--warm-up S]
            [--depth N | --rate REQUESTS_PER_SECOND | --hold AT_ONCE] [--requests N] [--close]
            [--post BYTES] [--field "Name: value"]... [--sources N] [--watch PID[,PID]...]
        """

    var port: UInt16 = 0
    var path = "/1k"
    var fields: [String] = []
    var connections = 64
    var pace = Pace.closed(depth: 1)
    /// Ends the run after so many requests instead of after a time.
    var requestLimit: Int?
    var warmUpSeconds = 0.0
    var seconds = 1.0
    /// Each request has a connection of its own.
    var closes = false
    /// Size of the body; nil sends GET.
    var postBytes: Int?
    /// Source addresses, 127.0.0.1 and on, that the connections are spread over.
    var sources = 1
    /// Processes whose CPU time is reported.
    var watched: [Int32] = []

    init(arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            switch name {
            case "--close": closes = true
            default:
                guard let value = rest.popFirst() else { Self.refuse("\(name) wants a value") }
                set(name, to: value)
            }
        }
        if port == 0 { Self.refuse("--port is missing") }
    }

    private mutating func set(_ name: String, to value: String) {
        switch name {
        case "--port": port = Self.number(name, value, in: 1...65_535)
        case "--path": path = value
        case "--field": fields.append(value)
        case "--connections": connections = Self.number(name, value, in: 1...100_000)
        case "--depth": pace = .closed(depth: Self.number(name, value, in: 1...256))
        case "--rate": pace = .fixed(rate: Self.decimal(name, value, in: 1...10_000_000))
        case "--hold": pace = .hold(atOnce: Self.number(name, value, in: 1...100_000))
        case "--requests": requestLimit = Self.number(name, value, in: 1...1_000_000_000)
        case "--seconds": seconds = Self.decimal(name, value, in: 0.01...3_600)
        case "--warm-up": warmUpSeconds = Self.decimal(name, value, in: 0...600)
        case "--post": postBytes = Self.number(name, value, in: 0...(64 << 20))
        case "--sources": sources = Self.number(name, value, in: 1...250)
        case "--watch":
            watched = value.split(separator: ",").map {
                Self.number(name, String($0), in: 1...Int32.max)
            }
        default: Self.refuse("unknown option \(name)")
        }
    }

    private static func number<Number: FixedWidthInteger>(
        _ name: String,
        _ text: String,
        in range: ClosedRange<Number>
    ) -> Number {
        guard let number = Number(text), range.contains(number) else {
            refuse("\(name) wants a number in \(range), not \(text)")
        }
        return number
    }

    private static func decimal(
        _ name: String,
        _ text: String,
        in range: ClosedRange<Double>
    ) -> Double {
        guard let number = Double(text), range.contains(number) else {
            refuse("\(name) wants a number in \(range), not \(text)")
        }
        return number
    }

    private static func refuse(_ reason: String) -> Never { fail("\(reason)\n\(usage)") }

    /// The bytes of one request.
    var request: [UInt8] {
        var lines = ["\(postBytes == nil ? "GET" : "POST") \(path) HTTP/1.1"]
        lines.append("Host: bench.example:\(port)")
        lines += fields
        if let postBytes {
            lines += ["Content-Type: application/octet-stream", "Content-Length: \(postBytes)"]
        }
        if closes { lines.append("Connection: close") }
        let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
        return Array(head.utf8) + Array(repeating: UInt8(ascii: "x"), count: postBytes ?? 0)
    }
}
