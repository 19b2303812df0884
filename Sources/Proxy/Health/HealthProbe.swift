import CLinux
import Glibc

/// One probe of one endpoint: connects, asks if there is something to ask, reads the answer's head.
struct HealthProbe: ~Copyable {
    /// Why a probe failed, for people.
    enum Failure: Error, Equatable {
        case unresolved
        case connect(Int32)
        case timedOut
        case closed
        case malformed
        case status(UInt16)
    }

    enum Progress: Equatable {
        case waiting
        case passed
        case failed(Failure)
    }

    /// Longest response head that a probe reads.
    static let headLimits = HeadLimits(headBytes: 16 * 1024, fields: 200, targetBytes: 1)

    private var transport = Transport()
    /// What is still to be written; empty for a mere connect.
    private var request: ArraySlice<UInt8>
    private let asks: Bool
    private var isConnected = false
    private var answer = Buffer(capacity: HealthProbe.headLimits.headBytes)

    init(_ check: Config.HealthCheck, authority: String, address: SocketAddress) throws(Failure) {
        if case .get(let path) = check.probe {
            let host = check.host ?? authority
            request = ArraySlice(
                ("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: switchyard-health-check\r\n"
                    + "Accept: */*\r\nConnection: close\r\n\r\n").utf8
            )
            asks = true
        } else {
            request = []
            asks = false
        }
        do throws(SystemError) {
            transport.open(try Socket.connect(to: address))
        } catch {
            throw .connect(error.code)
        }
    }

    var descriptor: Int32 { transport.descriptor }

    /// Goes on as far as the socket allows.
    mutating func advance(_ readiness: Readiness) -> Progress {
        if !isConnected {
            let code = Socket.pendingError(of: transport.descriptor)
            guard code == 0 else { return .failed(.connect(code)) }
            guard readiness.isWritable else { return .waiting }
            isConnected = true
        }
        guard asks else { return .passed }
        if !request.isEmpty, let failure = writeRequest() { return .failed(failure) }
        return request.isEmpty ? readAnswer() : .waiting
    }

    private mutating func writeRequest() -> Failure? {
        let result = unsafe request.withUnsafeBytes { bytes in
            var slices = SliceList()
            if let base = bytes.baseAddress { unsafe slices.append(base, count: bytes.count) }
            return unsafe transport.send(slices.remaining)
        }
        switch result {
        case .bytes(let count): request = request.dropFirst(count)
        case .wouldBlock: break
        case .endOfStream, .failed: return .closed
        }
        return nil
    }

    private mutating func readAnswer() -> Progress {
        while true {
            switch unsafe transport.receive(into: answer.freeSpace) {
            case .bytes(let count): answer.didFill(count)
            case .wouldBlock: return .waiting
            case .endOfStream, .failed: return .failed(.closed)
            }
            do throws(ParseError) {
                var fields = FieldTable()
                let head = try ResponseHead.parse(
                    answer.unread,
                    requestMethod: .get,
                    limits: Self.headLimits,
                    fields: &fields
                )
                guard let head else { continue }
                if head.isInterim {
                    answer.consume(head.byteCount)
                    continue
                }
                return (200..<400).contains(head.status) ? .passed : .failed(.status(head.status))
            } catch {
                return .failed(.malformed)
            }
        }
    }
}

extension HealthProbe.Failure {
    var sentence: String {
        switch self {
        case .unresolved: return "its name does not resolve"
        case .connect(let code):
            guard let text = unsafe strerror(code) else { return "connect failed" }
            return unsafe "connect: \(String(cString: text))"
        case .timedOut: return "no answer in time"
        case .closed: return "the connection closed before an answer"
        case .malformed: return "the answer is not HTTP"
        case .status(let status): return "status \(status)"
        }
    }
}
