import CLinux
import Glibc

/// The same request over and over, from which a connection writes any number of bytes in one call.
@safe final class RequestStream {
    private let bytes: UnsafeMutableRawBufferPointer
    let requestBytes: Int

    /// A stream that holds `copies` of `request`, which one write may send at once.
    init(request: [UInt8], copies: Int) {
        requestBytes = request.count
        unsafe bytes = .allocate(byteCount: request.count * copies, alignment: 64)
        for copy in 0..<copies {
            let place = copy * request.count..<(copy + 1) * request.count
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[place]).copyBytes(from: request)
        }
    }

    deinit { unsafe bytes.deallocate() }

    /// Writes up to `count` bytes that follow the first `sent`; returns what `send` does.
    func write(_ count: Int, after sent: Int, to descriptor: Int32) -> Int {
        let start = sent % requestBytes
        let part = unsafe bytes[start..<min(start + count, bytes.count)]
        let whole = unsafe UnsafeRawBufferPointer(rebasing: part)
        return unsafe send(descriptor, whole.baseAddress, whole.count, 0)
    }
}
