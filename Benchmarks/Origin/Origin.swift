import BenchmarkSockets
import CLinux
import Glibc

/// One thread that answers requests on 127.0.0.1 from prepared responses.
///
/// It has to cost far less than any proxy in front of it, so it reads heads just far enough to
/// find their end and answers whatever one read brought with a single `writev`.
@safe struct Origin: ~Copyable {
    /// Bytes taken by one read; a head has to fit.
    private static let readBytes = 256 * 1024
    /// Slices of one `writev`.
    private static let sliceLimit = 64

    private let listener: Int32
    private let responses: [(target: [UInt8], response: PreparedResponse)]
    private let accepted = PreparedResponse(bodyBytes: 0)
    private let missing = PreparedResponse(status: "404 Not Found")
    private let lengthRequired = PreparedResponse(status: "411 Length Required")
    private let buffer: UnsafeMutableRawBufferPointer
    private var poller = Poller()
    private var connections: [OriginConnection?] = []
    private var slices = unsafe [iovec]()

    init(listener: Int32) {
        self.listener = listener
        let responses = [
            ("/1k", PreparedResponse(bodyBytes: 1_024)),
            ("/0", PreparedResponse(bodyBytes: 0)),
            ("/64k", PreparedResponse(bodyBytes: 64 << 10)),
            ("/64k-chunked", PreparedResponse(bodyBytes: 64 << 10, chunkBytes: 8 << 10)),
            ("/1m", PreparedResponse(bodyBytes: 1 << 20)),
            ("/100m", PreparedResponse(bodyBytes: 100 << 20)),
        ]
        self.responses = responses.map { (Array($0.utf8), $1) }
        unsafe buffer = .allocate(byteCount: Self.readBytes, alignment: 4_096)
        unsafe slices.reserveCapacity(Self.sliceLimit + 1)
        poller.add(listener)
    }

    deinit { unsafe buffer.deallocate() }

    mutating func run() -> Never {
        while true {
            for index in 0..<poller.wait(atMost: nil) {
                let event = poller.event(at: index)
                if event.descriptor == listener {
                    acceptAll()
                } else if let connection = connections[Int(event.descriptor)] {
                    serve(connection, untilClosed: event.isClosing)
                }
            }
        }
    }

    private mutating func acceptAll() {
        while let descriptor = Socket.accept(from: listener) {
            let missing = Int(descriptor) + 1 - connections.count
            if missing > 0 { connections += Array(repeating: nil, count: missing) }
            connections[Int(descriptor)] = OriginConnection(descriptor: descriptor)
            poller.add(descriptor)
        }
    }

    /// Reads and answers until the socket has nothing more or takes nothing more.
    private mutating func serve(_ connection: OriginConnection, untilClosed: Bool) {
        var isDrained = false
        while flush(connection) {
            if connection.isOver { return drop(connection) }
            if isDrained { return }
            let carried = connection.partialHead.count
            let free = Self.readBytes - carried
            guard free > 0, let base = unsafe buffer.baseAddress else { return drop(connection) }
            unsafe buffer.copyBytes(from: connection.partialHead)
            let count = unsafe recv(connection.descriptor, base + carried, free, 0)
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return drop(connection) }
            connection.partialHead.removeAll(keepingCapacity: true)
            take(carried + count, for: connection)
            // A read that did not fill the buffer emptied the socket; the next bytes are an event.
            isDrained = count < free && !untilClosed
        }
    }

    /// Queues an answer to every request that ends within the first `count` bytes of the buffer.
    private func take(_ count: Int, for connection: OriginConnection) {
        var start = 0
        while start < count {
            if connection.unreadBodyBytes > 0 {
                let taken = min(connection.unreadBodyBytes, count - start)
                connection.unreadBodyBytes -= taken
                start += taken
                if connection.unreadBodyBytes == 0 { connection.queue.append(accepted) }
                continue
            }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[start..<count])
            guard let head = unsafe RequestScanner.head(in: bytes) else {
                unsafe connection.partialHead.append(contentsOf: bytes)
                return
            }
            start += head.bytes
            connection.closesAfterQueue = head.closes
            if head.bodyBytes > 0 {
                connection.unreadBodyBytes = head.bodyBytes
            } else {
                connection.queue.append(unsafe response(to: head, in: bytes))
            }
        }
    }

    private func response(
        to head: RequestScanner.Head,
        in bytes: UnsafeRawBufferPointer
    ) -> PreparedResponse {
        if head.isChunked { return lengthRequired }
        if head.isPost { return accepted }
        let target = unsafe bytes[head.target]
        let known = responses.first { unsafe target.elementsEqual($0.target) }
        return known?.response ?? missing
    }

    /// Writes what is queued; false while the socket takes no more or after it failed.
    private mutating func flush(_ connection: OriginConnection) -> Bool {
        while let first = connection.queue.first {
            unsafe slices.removeAll(keepingCapacity: true)
            unsafe first.append(to: &slices, after: connection.written, limit: Self.sliceLimit)
            for response in connection.queue.dropFirst() {
                guard unsafe slices.count < Self.sliceLimit else { break }
                unsafe response.append(to: &slices, after: 0, limit: Self.sliceLimit)
            }
            let count = unsafe writev(connection.descriptor, slices, Int32(slices.count))
            if count < 0 {
                if errno != EAGAIN { drop(connection) }
                return false
            }
            connection.advance(by: count)
        }
        return true
    }

    private mutating func drop(_ connection: OriginConnection) {
        connections[Int(connection.descriptor)] = nil
        close(connection.descriptor)
    }
}

/// One accepted connection: what is read of its next request, what is still to be written to it.
final class OriginConnection {
    let descriptor: Int32
    /// A head whose end has not been read.
    var partialHead: [UInt8] = []
    var unreadBodyBytes = 0
    var closesAfterQueue = false
    /// Responses in the order of their requests; the first may be written in part.
    var queue: [PreparedResponse] = []
    /// Bytes of the first response that are written.
    private(set) var written = 0

    /// Whether the last request that this connection carries has been read.
    var isOver: Bool { closesAfterQueue && unreadBodyBytes == 0 }

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Takes `count` written bytes off the queue.
    func advance(by count: Int) {
        written += count
        var complete = 0
        while complete < queue.count, written >= queue[complete].totalBytes {
            written -= queue[complete].totalBytes
            complete += 1
        }
        if complete == queue.count {
            queue.removeAll(keepingCapacity: true)
        } else {
            queue.removeFirst(complete)
        }
    }
}
