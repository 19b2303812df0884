import CLinux
import Glibc

/// Says on standard error why the process dies when the machine, or a check in its code, ends it.
///
/// A release build's failed check is a signal without a word. One line is written before the
/// signal does its work, so that the exit status stays the signal's: 128 and its number in a shell.
/// Only what signal-safety(7) allows happens here; nothing is allocated.
enum CrashReport {
    /// No program is larger.
    private static let programBytesLimit: UInt = 1 << 30

    /// Has the line written from now on, where nobody else reports: a sanitizer, or the
    /// toolchain's backtracer (`SWIFT_BACKTRACE`), has handlers of its own.
    static func install() {
        for signal in [SIGILL, SIGTRAP, SIGFPE, SIGSEGV, SIGBUS, SIGABRT] {
            var present = sigaction()
            unsafe sigaction(signal, nil, &present)
            guard unsafe present.__sigaction_handler.sa_handler == nil else { continue }
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_sigaction = { signal, info, _ in
                let address = unsafe info?.pointee._sifields._sigfault.si_addr
                CrashReport.write(signal, at: UInt(bitPattern: address))
                // It is blocked until the handler returns; then it takes its default way.
                raise(signal)
            }
            action.sa_flags = SA_SIGINFO | Int32(bitPattern: UInt32(SA_RESETHAND))
            unsafe sigaction(signal, &action, nil)
        }
    }

    private static func write(_ signal: Int32, at address: UInt) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { space in
            var line = unsafe Line(space: space)
            line.append("switchyard: crashed by ")
            line.append(meaning(of: signal))
            // Where the program lies in memory: its headers are in its first page. A signal that
            // another process sent has no address.
            let offset = address &- (getauxval(UInt(AT_PHDR)) & ~0xFFF)
            if offset < Self.programBytesLimit {
                line.append(", at offset 0x")
                line.append(hexadecimal: offset)
                line.append(" of the program; addr2line -e switchyard shows the place")
            }
            line.append("\n")
            line.send(to: STDERR_FILENO)
        }
    }

    private static func meaning(of signal: Int32) -> StaticString {
        switch signal {
        case SIGILL: "a check in its code that failed (SIGILL)"
        case SIGTRAP: "a check in its code that failed (SIGTRAP)"
        case SIGFPE: "an arithmetic fault (SIGFPE)"
        case SIGSEGV: "an access to memory that is not its own (SIGSEGV)"
        case SIGBUS: "memory that could not be read (SIGBUS)"
        default: "its own decision (SIGABRT); the reason stands above"
        }
    }
}

/// A line that is put together in memory it was lent.
@safe private struct Line {
    private let space: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    init(space: UnsafeMutableBufferPointer<UInt8>) { unsafe self.space = unsafe space }

    mutating func append(_ text: StaticString) {
        for place in 0..<text.utf8CodeUnitCount { append(unsafe text.utf8Start[place]) }
    }

    mutating func append(hexadecimal number: UInt) {
        let digits = max(1, (UInt.bitWidth - number.leadingZeroBitCount + 3) / 4)
        for digit in (0..<digits).reversed() {
            let value = UInt8(truncatingIfNeeded: number >> UInt(4 * digit)) & 0xF
            append(value < 10 ? 0x30 + value : 0x57 + value)
        }
    }

    private mutating func append(_ byte: UInt8) {
        guard unsafe count < space.count else { return }
        unsafe space[count] = byte
        count += 1
    }

    func send(to descriptor: Int32) { _ = unsafe Glibc.write(descriptor, space.baseAddress, count) }
}
