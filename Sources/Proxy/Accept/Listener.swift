import CLinux
import Glibc
import Synchronization

/// A bound address with its listening sockets, all of them open as long as a snapshot or a worker
/// refers to it.
///
/// Opened here there is one socket for each worker (SO_REUSEPORT). Inherited ones may be more or
/// fewer: none is left without a worker, and a worker without one of its own shares.
final class Listener: Sendable {
    let written: String
    let bound: SocketAddress
    private let sockets: DescriptorSet
    private let workers: Int
    private let handedOver = Atomic(false)

    /// Binds `address`; throws a sentence for the operator when that fails.
    init(address: String, bind: SocketAddress, workers: Int) throws(StartFailure) {
        written = address
        self.workers = workers
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

    /// Takes over sockets that listen already, with the connections in their queues.
    init(address: String, inherited: InheritedSockets.Group, workers: Int) {
        precondition(!inherited.descriptors.isEmpty, "a group has a socket")
        written = address
        bound = inherited.bound
        self.workers = workers
        sockets = DescriptorSet(inherited.descriptors)
    }

    /// Has the worker's sockets listen no more: who connects from here on is refused.
    func close(forWorker worker: Int) {
        guard !isHandedOver else { return }
        for descriptor in descriptors(ofWorker: worker) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// The sockets that a worker accepts from.
    func descriptors(ofWorker worker: Int) -> [Int32] {
        let all = sockets.descriptors
        guard all.count > workers else { return [all[worker % all.count]] }
        return stride(from: worker, to: all.count, by: workers).map { all[$0] }
    }

    /// All of its sockets, for a process that takes them over.
    var group: InheritedSockets.Group {
        InheritedSockets.Group(written: written, bound: bound, descriptors: sockets.descriptors)
    }

    /// Another process accepts from the same sockets, so that they must go on listening.
    var isHandedOver: Bool { handedOver.load(ordering: .acquiring) }

    func handOver() { handedOver.store(true, ordering: .releasing) }

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
