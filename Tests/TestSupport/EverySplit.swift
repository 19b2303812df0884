/// Every way to cut `bytes` in two, the cuts before the first and behind the last byte among them.
package func everySplit(
    of bytes: [UInt8]
) -> [(first: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)] {
    (0...bytes.count).map { (bytes[..<$0], bytes[$0...]) }
}
