extension Exchange {
    static let traceParentName: StaticString = "traceparent"

    /// Finds out the trace that the request belongs to; where configured, one is made for a request
    /// without a valid one.
    func readTrace(_ rule: ForwardedRule) {
        var found = 0
        for index in 0..<bench.requestFields.count where isTraceParent(bench.requestFields[index]) {
            found += 1
            let value = bench.requestFields[index].value.range
            trace = found == 1 ? TraceParent(input.unread, value) : nil
        }
        guard trace == nil, rule.makesTrace else { return }
        makesTrace = true
        trace = TraceParent(traceID: (bench.random.next(), bench.random.next()))
    }

    func isTraceParent(_ field: Field) -> Bool {
        field.known == .other && field.name.count == Self.traceParentName.utf8CodeUnitCount
            && input.equalsIgnoringCase(field.name, ForwardedRule.traceParentBytes)
    }

    /// The field that begins a trace: sampled, for a root that nobody records traces nothing.
    func appendTrace() {
        guard makesTrace, let trace else { return }
        bench.text.append("traceparent: 00-")
        bench.text.append(hexadecimal: trace.traceID.high)
        bench.text.append(hexadecimal: trace.traceID.low)
        bench.text.append("-")
        bench.text.append(hexadecimal: bench.random.next() | 1)
        bench.text.append("-01\r\n")
    }
}
