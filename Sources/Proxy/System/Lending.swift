/// Calls `body` with an object that another owner keeps alive meanwhile, and counts no reference.
///
/// Counting is a pair of locked instructions for each use; a request made 34 of them, a fifth of
/// the time it spends outside the kernel. The worker's tables own their connections until the
/// worker ends, and whoever runs holds its exchange and its lease.
@inline(__always)
func lending<Object: AnyObject, Result>(
    _ object: Object,
    _ body: (Object) -> Result
) -> Result {
    unsafe Unmanaged.passUnretained(object)._withUnsafeGuaranteedRef(body)
}
