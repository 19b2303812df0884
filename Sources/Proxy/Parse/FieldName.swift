/// The field names that a rule of this proxy speaks of; all others are `other` and pass untouched.
enum FieldName: UInt8, CaseIterable {
    case other
    // The place of these in a head is remembered; see `KnownFields.indexedNames`.
    case host, contentLength, transferEncoding, connection, upgrade, expect
    case xForwardedFor, xForwardedProto, xForwardedHost, forwarded, xRealIP, xRequestID
    case cookie, authorization, date
    // Of the rest it is only known whether they occur.
    case keepAlive, proxyConnection, te, trailer, http2Settings, maxForwards
    case proxyAuthorization, setCookie, server, location
    case contentType, contentEncoding, contentRange, cacheControl

    /// What is to be done with a known field.
    var rules: FieldRules {
        switch self {
        case .other, .maxForwards, .xRequestID: []
        case .host, .contentLength, .transferEncoding:
            [.singleValued, .endToEnd, .noTrailer, .noUnderscore]
        case .connection, .keepAlive, .proxyConnection, .te, .upgrade, .http2Settings:
            [.hopByHop, .noTrailer]
        case .trailer: .noTrailer
        case .expect: [.singleValued, .endToEnd, .noTrailer]
        case .xForwardedFor, .xForwardedProto, .xForwardedHost, .forwarded, .xRealIP:
            [.endToEnd, .noTrailer, .noUnderscore]
        case .authorization, .proxyAuthorization, .cookie, .setCookie, .contentType,
            .contentEncoding, .contentRange, .cacheControl, .location:
            [.endToEnd, .noTrailer]
        case .date, .server: .endToEnd
        }
    }

    /// The name in lower case; empty for `other`.
    var text: StaticString {
        switch self {
        case .other: ""
        case .host: "host"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .connection: "connection"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .te: "te"
        case .trailer: "trailer"
        case .upgrade: "upgrade"
        case .http2Settings: "http2-settings"
        case .expect: "expect"
        case .maxForwards: "max-forwards"
        case .xForwardedFor: "x-forwarded-for"
        case .xForwardedProto: "x-forwarded-proto"
        case .xForwardedHost: "x-forwarded-host"
        case .forwarded: "forwarded"
        case .xRealIP: "x-real-ip"
        case .xRequestID: "x-request-id"
        case .authorization: "authorization"
        case .proxyAuthorization: "proxy-authorization"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .contentType: "content-type"
        case .contentEncoding: "content-encoding"
        case .contentRange: "content-range"
        case .cacheControl: "cache-control"
        case .date: "date"
        case .server: "server"
        case .location: "location"
        }
    }
}

/// The table of rules about known fields, one flag per rule.
struct FieldRules: OptionSet {
    let rawValue: UInt8

    /// Belongs to one connection and is not forwarded (RFC 9110 §7.6.1).
    static var hopByHop: FieldRules { FieldRules(rawValue: 1 << 0) }
    /// A second field line is refused, even an equal one: recipients differ in which they take.
    static var singleValued: FieldRules { FieldRules(rawValue: 1 << 1) }
    /// Connection must not name it: its removal would change what the message means.
    static var endToEnd: FieldRules { FieldRules(rawValue: 1 << 2) }
    /// Refused as a trailer: it routes, frames or authorises (RFC 9110 §6.5.1).
    static var noTrailer: FieldRules { FieldRules(rawValue: 1 << 3) }
    /// Refused with underscores for hyphens, which many applications take for the same name.
    static var noUnderscore: FieldRules { FieldRules(rawValue: 1 << 4) }
}

/// A name in lower case, as far as known names reach; zero bytes follow its end.
struct NameKey: Equatable {
    var first = ByteWord.zero
    var second = ByteWord.zero
    var third = ByteWord.zero

    /// Longer names are none of the known ones.
    static var byteLimit: Int { 24 }
}

extension FieldName {
    /// The known name with this key; no two names share one, for no name contains a zero byte.
    @inline(__always)
    init(_ key: NameKey) {
        if key.second == .zero {
            self.init(short: key.first)
        } else if key.third == .zero {
            self.init(first: key.first, second: key.second)
        } else {
            self.init(first: key.first, second: key.second, third: key.third)
        }
    }

    /// Whether a known name is as long and begins with the same letter; few others do.
    @inline(__always)
    static func mayBeKnown(_ lowercased: ByteWord, count: Int) -> Bool {
        let letters: UInt32 =
            switch count {
            case 2: letterSet("t")
            case 4: letterSet("dh")
            case 6: letterSet("ces")
            case 7: letterSet("tu")
            case 8: letterSet("l")
            case 9: letterSet("fx")
            case 10: letterSet("cks")
            case 12: letterSet("cmx")
            case 13: letterSet("ac")
            case 14: letterSet("ch")
            case 15: letterSet("x")
            case 16: letterSet("cpx")
            case 17: letterSet("tx")
            case 19: letterSet("p")
            default: 0
            }
        return letters &>> UInt32(truncatingIfNeeded: lowercased.bits & 31) & 1 != 0
    }

    /// A set of letters: bit 1 for `a`, bit 2 for `b` and so on; computed when compiling.
    @inline(__always)
    private static func letterSet(_ letters: StaticString) -> UInt32 {
        var set: UInt32 = 0
        for index in 0..<letters.utf8CodeUnitCount {
            set |= 1 &<< UInt32(unsafe letters.utf8Start[index] & 31)
        }
        return set
    }

    /// Names of up to eight bytes.
    @inline(__always)
    init(short word: ByteWord) {
        self =
            switch word {
            case ByteWord("host"): .host
            case ByteWord("cookie"): .cookie
            case ByteWord("date"): .date
            case ByteWord("server"): .server
            case ByteWord("te"): .te
            case ByteWord("upgrade"): .upgrade
            case ByteWord("expect"): .expect
            case ByteWord("trailer"): .trailer
            case ByteWord("location"): .location
            default: .other
            }
    }

    /// Names of nine to 16 bytes, which all differ in their second half.
    @inline(__always)
    private init(first: ByteWord, second: ByteWord) {
        let (name, start): (FieldName, ByteWord) =
            switch second {
            case ByteWord("on"): (.connection, ByteWord("connecti"))
            case ByteWord("length"): (.contentLength, ByteWord("content-"))
            case ByteWord("type"): (.contentType, ByteWord("content-"))
            case ByteWord("encoding"): (.contentEncoding, ByteWord("content-"))
            case ByteWord("range"): (.contentRange, ByteWord("content-"))
            case ByteWord("ntrol"): (.cacheControl, ByteWord("cache-co"))
            case ByteWord("ve"): (.keepAlive, ByteWord("keep-ali"))
            case ByteWord("ded-for"): (.xForwardedFor, ByteWord("x-forwar"))
            case ByteWord("ded-host"): (.xForwardedHost, ByteWord("x-forwar"))
            case ByteWord("p"): (.xRealIP, ByteWord("x-real-i"))
            case ByteWord("t-id"): (.xRequestID, ByteWord("x-reques"))
            case ByteWord("d"): (.forwarded, ByteWord("forwarde"))
            case ByteWord("ation"): (.authorization, ByteWord("authoriz"))
            case ByteWord("ie"): (.setCookie, ByteWord("set-cook"))
            case ByteWord("nnection"): (.proxyConnection, ByteWord("proxy-co"))
            case ByteWord("ttings"): (.http2Settings, ByteWord("http2-se"))
            case ByteWord("ards"): (.maxForwards, ByteWord("max-forw"))
            default: (.other, .zero)
            }
        self = first == start ? name : .other
    }

    /// Names of 17 to 23 bytes.
    @inline(never)
    private init(first: ByteWord, second: ByteWord, third: ByteWord) {
        self =
            switch (first, second, third) {
            case (ByteWord("transfer"), ByteWord("-encodin"), ByteWord("g")): .transferEncoding
            case (ByteWord("x-forwar"), ByteWord("ded-prot"), ByteWord("o")): .xForwardedProto
            case (ByteWord("proxy-au"), ByteWord("thorizat"), ByteWord("ion")): .proxyAuthorization
            default: .other
            }
    }
}
