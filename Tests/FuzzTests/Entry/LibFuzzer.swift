import Glibc

/// The target that `SWITCHYARD_FUZZ_TARGET` names.
private let target: FuzzTarget = {
    let name = unsafe getenv("SWITCHYARD_FUZZ_TARGET").map { unsafe String(cString: $0) }
    guard let name, let target = FuzzTarget(rawValue: name) else {
        preconditionFailure("SWITCHYARD_FUZZ_TARGET must name one of \(FuzzTarget.allCases)")
    }
    return target
}()

/// What libFuzzer calls with bytes of its own making; a trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    do { try target.check(bytes) } catch { preconditionFailure("\(target): \(error)") }
    return 0
}
