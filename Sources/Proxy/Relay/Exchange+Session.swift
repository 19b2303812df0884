import CLinux
import Glibc

extension Exchange {
    /// Most cookies of our name that are taken out of one request; more are nobody's but a forger's.
    static let cookieRemovalLimit = 8

    /// Puts the session's cookie into the change of a response head, and takes one that the
    /// application sets under its name out: the name is ours.
    func markSession(
        _ head: ResponseHead,
        _ bytes: UnsafeMutableRawBufferPointer,
        _ change: inout ResponseChange
    ) {
        let rule = routing.sessions
        let span = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(bytes))
        if head.hasSetCookie {
            for index in 0..<bench.responseFields.count {
                let field = bench.responseFields[index]
                if field.known == .setCookie, rule.isOurs(field.value, of: span) {
                    bench.responseFields[index].isRemoved = true
                }
            }
        }
        switch session {
        case .none, .asIs: return
        case .begins(let token, let isSecure):
            // A shared cache would hand the session of one user to all of them.
            guard !(head.hasCacheControl && bench.responseFields.isShared(in: span)) else { return }
            rule.append(token, isSecure: isSecure, to: &bench.text)
        case .ends(let isSecure): rule.appendEnd(isSecure: isSecure, to: &bench.text)
        }
        change.addedBytes = bench.text.count
    }

    /// Puts the cookies of a request's field out that are the application's, with the field's name;
    /// nothing when there is none.
    func appendOtherCookies(_ field: Field, _ routing: WorkerRouting, _ removals: inout Int) {
        var rest = field.value
        var isFirst = true
        while let (run, next) = routing.sessions.nextRun(of: input, rest, &removals) {
            if isFirst {
                bench.appendInput(input, from: Int(field.name.start), to: Int(field.value.start))
            } else {
                bench.slices.append("; ")
            }
            bench.appendInput(input, from: Int(run.start), to: Int(run.end))
            (rest, isFirst) = (next, false)
        }
        if !isFirst { bench.slices.append("\r\n") }
    }
}

extension SessionRule {
    fileprivate func nextRun(
        of input: borrowing Buffer,
        _ field: ByteRange,
        _ removals: inout Int
    ) -> (run: ByteRange, rest: ByteRange)? {
        CookieField.nextRun(without: name.span, in: input.unread, field, removals: &removals)
    }

    /// Whether a field of a request has our cookie.
    func hasCookie(in input: borrowing Buffer, _ field: ByteRange) -> Bool {
        hasCookie(in: input.unread, field)
    }
}

extension FieldTable {
    /// Whether a Cache-Control field says that a shared cache may keep the response, whoever it
    /// was made for (RFC 9111 §5.2.2.9, §5.2.2.10).
    fileprivate func isShared(in bytes: Span<UInt8>) -> Bool {
        for index in 0..<count where self[index].known == .cacheControl {
            var start = Int(self[index].value.start)
            let end = Int(self[index].value.end)
            while start < end {
                var stop = start
                while stop < end, bytes[stop] != UInt8(ascii: ",") { stop += 1 }
                if bytes.isSharedDirective(from: start, to: stop) { return true }
                start = stop + 1
            }
        }
        return false
    }
}

private let sharedDirectives = [Array("public".utf8), Array("s-maxage".utf8)]

extension Span<UInt8> {
    /// Whether one directive, with or without its argument, is `public` or `s-maxage`.
    fileprivate func isSharedDirective(from start: Int, to end: Int) -> Bool {
        var (first, last) = (start, start)
        while first < end, self[first] == 0x20 || self[first] == 0x09 { first += 1 }
        last = first
        while last < end, self[last] != UInt8(ascii: "="), self[last] > 0x20 { last += 1 }
        for directive in sharedDirectives
        where equalsIgnoringCase(ByteRange(first, last), directive) { return true }
        return false
    }
}
