/// A set of ASCII bytes as 128 bits in two words: no table in memory, no start-up work.
struct ByteClass {
    /// Bytes 0 to 63, then bytes 64 to 127; a byte's bit is its value modulo 64.
    let low, high: UInt64

    /// What methods, field names and options consist of (RFC 9110 §5.6.2).
    static var token: ByteClass {
        ByteClass(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
    }

    /// What a host name consists of (RFC 3986 §3.2.2) less the comma, which would look like a list.
    static var hostName: ByteClass {
        ByteClass(low: 0x2bff_6ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe)
    }

    /// What stands between the brackets of an IPv6 address; zones and future forms are refused.
    static var bracketedAddress: ByteClass {
        ByteClass(low: 0x07ff_4000_0000_0000, high: 0x0000_007e_0000_007e)
    }

    /// Host names, and the colon and brackets of ports and addresses.
    static var authority: ByteClass {
        ByteClass(low: 0x2fff_6ff2_0000_0000, high: 0x47ff_fffe_afff_fffe)
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 0x80 && (byte < 64 ? low : high) &>> UInt64(byte) & 1 != 0
    }
}

extension UInt8 {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }
    static var comma: UInt8 { 0x2C }
    static var colon: UInt8 { 0x3A }
    static var semicolon: UInt8 { 0x3B }

    /// Space or tab: what may stand around a value and inside it (RFC 9110 §5.6.3).
    @inline(__always)
    var isBlank: Bool { self == .space || self == .tab }

    var isLineBreak: Bool { self == .carriageReturn || self == .lineFeed }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// What a field value or reason may contain (RFC 9110 §5.5): no control character but the tab.
    @inline(__always)
    var isText: Bool { self >= 0x20 && self != 0x7F || self == .tab }

    /// This byte as a lower-case letter if it is an upper-case one.
    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit; nil for any other byte.
    @inline(__always)
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self &- 0x30
        case 0x41...0x46: self &- 0x37
        case 0x61...0x66: self &- 0x57
        default: nil
        }
    }
}
