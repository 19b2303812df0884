import CLinux
import Glibc

/// A bound address: one listening socket for each worker (SO_REUSEPORT), all of them open as long
/// as a snapshot or a worker refers to it.
final class Listener: Sendable {
    let written: String
    let bound: SocketAddress
    private let sockets: DescriptorSet

    /// Binds `address`; throws a sentence for the operator when that fails.
    init(address: String, bind: SocketAddress, workers: Int) throws(StartFailure) {
        written = address
        do throws(SystemError) {
            // SO_REUSEPORT would let a second program of ours take the same port in silence.
            let probe = try Socket.listener(at: bind, shared: false)
            guard let free = Socket.boundAddress(of: probe) else {
                throw SystemError("getsockname")
            }
            _ = consume probe
            bound = free
            var descriptors: [Int32] = []
            for _ in 0..<workers {
                descriptors.append(try Socket.listener(at: free, shared: true).release())
            }
            sockets = DescriptorSet(descriptors)
        } catch {
            throw Self.failure(address, error)
        }
    }

    /// Has the worker's socket listen no more: who connects from here on is refused.
    func close(forWorker worker: Int) {
        shutdown(sockets.descriptors[worker], Int32(SHUT_RDWR))
    }

    func descriptor(ofWorker worker: Int) -> Int32 { sockets.descriptors[worker] }

    private static func failure(_ address: String, _ error: SystemError) -> StartFailure {
        let advice =
            switch error.code {
            case EADDRINUSE:
                "the port is in use by another program; stop that or choose another port"
            case EACCES:
                "the port is not allowed to this user; take one from 1024 up or run as root"
            case EADDRNOTAVAIL: "no interface of this machine has that address"
            default: "\(error)"
            }
        return StartFailure(message: "Cannot listen on \(address): \(advice).")
    }
}

/// Descriptors that are closed together.
private final class DescriptorSet: Sendable {
    let descriptors: [Int32]

    init(_ descriptors: [Int32]) { self.descriptors = descriptors }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
