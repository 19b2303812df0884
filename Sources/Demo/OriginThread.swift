import CLinux
import Glibc

/// A thread of an origin; somebody joins it or lets it go, exactly once.
struct OriginThread: Sendable {
    /// Room for one request; a thousand such stacks are mostly untouched address space.
    static let stackBytes = 512 * 1024

    private let handle: pthread_t

    /// Runs `body` on a new thread; nil when the system has no room for one.
    init?(_ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, Self.stackBytes)
        let box = unsafe Unmanaged.passRetained(Body(run: body))
        var handle = pthread_t()
        let failure = unsafe pthread_create(
            &handle,
            &attributes,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        guard failure == 0 else {
            unsafe box.release()
            return nil
        }
        self.handle = handle
    }

    func join() { _ = pthread_join(handle, nil) }
    func detach() { pthread_detach(handle) }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
