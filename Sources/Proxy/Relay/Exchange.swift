/// One request and its response, from the first byte of the one to the last of the other.
///
/// It conducts the stages: reads the head, has it routed, finds an endpoint, relays both bodies,
/// records the outcome. It owns the request's bytes and what the sockets did not take yet;
/// connections are lent to it. Objects are reused: `begin` starts one over.
@safe final class Exchange {
    enum Phase: UInt8 {
        case ended
        case readingHead
        /// In the queue of its lane, for a connection to become free.
        case waiting
        case connecting
        /// The request is on its way and the final response head has not come.
        case awaitingHead
        case relaying
        /// Both sides agreed to another protocol: bytes both ways until both have ended.
        case tunnel
        /// Our own response is being written.
        case answering
    }

    /// What becomes of the downstream connection afterwards.
    enum Ending: UInt8 {
        case keepAlive
        /// Nothing had come: the connection is idle as before.
        case noRequest
        case close
        /// As close, with a reset: the response's end is the connection's, and it must not look whole.
        case reset
        /// Close once the downstream has read the response (input may still be on its way).
        case linger
    }

    /// How the response's body is framed downstream.
    enum Transfer: UInt8 {
        case asReceived
        /// Chunked upstream, for a downstream that speaks HTTP/1.0: the payload until close.
        case unchunked
        /// Until close upstream; chunked downstream, so that its end can be told from a failure.
        case chunked
    }

    let bench: Workbench
    let headBytes: Int
    // Lent, not owned: the worker's tables and its routing outlive every exchange.
    private var lentDownstream: Unmanaged<DownstreamConnection>?
    private var lentUpstream: Unmanaged<UpstreamConnection>?
    private var lentRouting: Unmanaged<WorkerRouting>?
    /// The place in the routing's lanes, once the request was routed.
    var lane: Int?
    var slot: SlotID?
    /// The place among the routes of all listeners; good while there is a lane.
    var routePlace: Int32 = 0
    var counters: LaneCounters
    /// Where the judge's evidence goes; nil for a route that is left out.
    var evidence: AttemptCounters?
    /// The route's place among the judged ones, or -1.
    var judged: Int32 = -1
    /// When the attempt began, or the last of the request came from downstream if that was later:
    /// how slowly it sends is not the slot's fault.
    var attemptedAt = MonotonicTime(nanoseconds: 0)
    /// The endpoint's place in the lane while an attempt runs.
    var place: Int?
    /// Where the last attempt went, for the log.
    var lastPlace: Int?
    /// Where the last attempt failed.
    var failedPlace: Int?
    /// Its place in the queue while it waits.
    var links = WaitLinks()

    var phase = Phase.ended
    var ending = Ending.close

    /// The request head, what came with it, and what the downstream sent after this request.
    var input: Buffer
    /// Bytes of `input` that belong to this request: its head, and its body as far as it is there.
    var inputBytes = 0
    /// Bytes of `input` that go to the endpoint: those, less trailers.
    var passedBytes = 0
    /// The empty line that ends the chunks has to follow them.
    var needsChunkEnd = false
    var request = RequestHead()
    var requestBody = BodyDecoder(.none)
    /// Body bytes went upstream that are no longer in `input`: the request cannot be sent again.
    var hasStreamedBody = false
    var requestBodyBytes: UInt64 = 0
    var toUpstream = Backlog()

    /// A response head that came in pieces.
    var partialHead: Buffer?
    var responseBody = BodyDecoder(.none)
    var transfer = Transfer.asReceived
    var status: UInt16 = 0
    var toDownstream = Backlog()
    var keepsDownstream = false
    /// The endpoint sent more than its response, or asked for a close.
    var keepsUpstream = false
    /// In a tunnel: the downstream has sent its last byte, and this was passed on.
    var downstreamEnded = false
    var upstreamEnded = false
    /// In a tunnel: where a frame of ours could go.
    var frames = WebSocketFrames.untracked

    var attempts: UInt8 = 0
    /// Those of them in the slot that could not answer.
    var attemptsElsewhere: UInt8 = 0
    /// What may still be done when the slot cannot answer.
    var recourse: Recourse = []
    /// Why the other slot was asked; nil when it was not.
    var rescue: RescueReason?
    var session = SessionChange.none
    var interimCount: UInt8 = 0
    /// Good while `attempts` is above 0: how long the last connect took; 0 for a pooled connection.
    var connectTime = Nanoseconds(0)
    /// When the response head came; good once there is a status.
    var respondedAt = MonotonicTime(nanoseconds: 0)
    var endCause = ExchangeEnd.complete
    /// What our own answer said.
    var answerReason: StaticString = ""
    var trace: TraceParent?
    /// The trace begins here.
    var makesTrace = false
    var requestID: (UInt64, UInt64) = (0, 0)
    /// In `input`: an id that a trusted downstream sent.
    var givenRequestID = ByteRange.empty
    var client = IPAddress(high: 0, low: 0)
    /// The peer is a trusted proxy: what it says of the client is believed.
    var isTrusted = false
    var startedAt = MonotonicTime(nanoseconds: 0)
    var bytesIn: UInt64 = 0
    var bytesOut: UInt64 = 0

    init(bench: Workbench, headBytes: Int) {
        self.bench = bench
        self.headBytes = headBytes
        counters = bench.routing.unrouted
        input = Buffer(capacity: headBytes)
    }

    var downstream: DownstreamConnection { withDownstream { $0 } }

    /// As `downstream`, for the calls that every request makes.
    @inline(__always)
    func withDownstream<Result>(_ body: (DownstreamConnection) -> Result) -> Result {
        guard let downstream = unsafe lentDownstream else {
            preconditionFailure("an exchange that runs has a downstream")
        }
        return unsafe downstream._withUnsafeGuaranteedRef(body)
    }

    /// The connection of the attempt that runs.
    var upstream: UpstreamConnection? {
        get { unsafe lentUpstream?.takeUnretainedValue() }
        set { unsafe lentUpstream = newValue.map { unsafe .passUnretained($0) } }
    }

    /// As `upstream`, for the calls that every request makes; nil when no attempt runs.
    @inline(__always)
    func withUpstream<Result>(_ body: (UpstreamConnection) -> Result) -> Result? {
        unsafe lentUpstream?._withUnsafeGuaranteedRef(body)
    }

    var routing: WorkerRouting {
        guard let routing = unsafe lentRouting else {
            preconditionFailure("an exchange that runs has a lease")
        }
        return unsafe routing.takeUnretainedValue()
    }

    /// A response that has begun, or a tunnel: a drain gives it more time than a request.
    var isStream: Bool { phase == .relaying || phase == .tunnel }

    /// Whether bytes of a next request are here already.
    var hasInput: Bool { input.unreadCount > 0 }

    /// Starts over for the next request of `connection`.
    func begin(on connection: DownstreamConnection) {
        lending(bench.routing) { begin(on: connection, $0) }
    }

    private func begin(on connection: DownstreamConnection, _ routing: WorkerRouting) {
        unsafe lentDownstream = .passUnretained(connection)
        unsafe lentRouting = .passUnretained(routing)
        routing.lease()
        counters = routing.unrouted
        evidence = nil
        phase = .readingHead
        inputBytes = 0
        hasStreamedBody = false
        requestBodyBytes = 0
        requestBody = BodyDecoder(.none)
        transfer = .asReceived
        status = 0
        keepsDownstream = false
        downstreamEnded = false
        upstreamEnded = false
        attempts = 0
        attemptsElsewhere = 0
        recourse = []
        rescue = nil
        session = .none
        interimCount = 0
        endCause = .complete
        trace = nil
        makesTrace = false
        failedPlace = nil
        lastPlace = nil
        givenRequestID = .empty
        bytesIn = 0
        bytesOut = 0
        startedAt = bench.now
        readHead(from: connection, routing)
    }

    /// Forgets everything, for the spare list.
    func release() {
        if phase != .ended { abort(.drained) }
        input.removeAll()
        dropBacklogs()
        partialHead = nil
        unsafe lentDownstream = nil
    }

    // MARK: Events

    func downstreamReady() {
        switch phase {
        case .ended, .connecting, .waiting: break
        case .readingHead:
            renewLease()
            readHead(from: downstream, routing)
        case .awaitingHead: pumpRequest()
        case .relaying, .tunnel:
            pumpRequest()
            if phase == .relaying || phase == .tunnel { pumpResponse() }
        case .answering: finishAnswer()
        }
    }

    func upstreamReady() {
        if phase == .awaitingHead || phase == .tunnel || phase == .relaying { pumpRequest() }
        if phase == .awaitingHead || phase == .tunnel || phase == .relaying { pumpResponse() }
    }

    func resume() {
        downstreamReady()
        if phase == .awaitingHead { pumpResponse() }
    }

    func downstreamTimedOut(_ awaited: DownstreamConnection.Awaited) {
        switch (awaited, phase) {
        case (.head, .readingHead): answer(408, "The request head did not arrive in time.")
        case (.connection, .waiting): waitedTooLong()
        // It was armed for a body that came whole.
        case (.body, _) where requestBody.isComplete: break
        case (.body, .awaitingHead):
            endAttempt(.aborted)
            answer(408, "The request body did not arrive in time.")
        case (.body, .relaying), (.write, _): abort(.downstreamTimedOut)
        case (_, _): break
        }
    }

    // MARK: Endings

    /// The downstream is gone, or holds the exchange up: nothing can be told to it any more.
    func abort(_ cause: ExchangeEnd = .downstreamClosed) {
        guard phase != .ended else { return }
        endCause = cause
        let ending = phase == .relaying ? endingOfPart : .close
        endAttempt(.aborted)
        // nginx's number for a client that closed before its response; it never goes on the wire.
        if status == 0 { status = 499 }
        end(ending)
    }

    /// How the downstream learns that a response is not whole: where the close alone would end it,
    /// by a reset.
    var endingOfPart: Ending {
        let isUnframed = transfer == .unchunked || responseBody == .untilClose
        return isUnframed && transfer != .chunked ? .reset : .close
    }

    /// The exchange is over: counts it and gives everything back but the downstream.
    func end(_ ending: Ending) {
        precondition(phase != .ended, "an exchange ends once")
        if phase == .waiting { leaveQueue() }
        record()
        input.consume(min(inputBytes, input.unreadCount))
        inputBytes = 0
        // An endpoint that answered early took no more of the body: the next request is not its end.
        dropRequestBacklog()
        phase = .ended
        self.ending = ending
        giveBackLease()
    }

    /// Nothing had come: as if the exchange had never begun.
    func endWithoutRequest(_ ending: Ending) {
        phase = .ended
        self.ending = ending
        giveBackLease()
    }

    /// Follows the present routing: a head that came in pieces belongs to the turn in which it is
    /// whole, and the place of its listener is that in the present routing.
    private func renewLease() {
        let newest = bench.routing
        guard newest !== routing else { return }
        newest.lease()
        bench.giveBack(routing)
        unsafe lentRouting = .passUnretained(newest)
        counters = newest.unrouted
    }

    private func giveBackLease() {
        unsafe lentRouting?._withUnsafeGuaranteedRef { bench.giveBack($0) }
        unsafe lentRouting = nil
        lane = nil
        slot = nil
    }

    private func record() {
        if lane == nil { counters.began() }
        if phase == .tunnel { counters.tunnelClosed() }
        let duration = bench.now - startedAt
        if let format = bench.rules.accessLog { logEnd(duration, format) }
        if let trace { counters.note(trace, duration: duration) }
        counters.ended(
            method: request.method,
            status: status,
            duration: duration,
            requestBytes: bytesIn,
            responseBytes: bytesOut
        )
    }

    /// Ends the attempt that runs, if one does, with a connection that is not to be used again.
    func endAttempt(_ outcome: AttemptOutcome, isEvidence: Bool = true) {
        guard let connection = upstream, let place else { return }
        if isEvidence { evidence?.ended(outcome) }
        upstream = nil
        self.place = nil
        connection.attemptEnded(outcome)
        connection.close()
        if outcome != .aborted { noteFailure(outcome, at: place, isEvidence: isEvidence) }
        if bench.rules.limitsConnections { noteFreeConnection() }
    }

    private func dropBacklogs() {
        dropRequestBacklog()
        bench.backlogBytes -= toDownstream.count
        toDownstream.removeAll()
    }

    /// Forgets what waits for the endpoint.
    func dropRequestBacklog() {
        bench.backlogBytes -= toUpstream.count
        toUpstream.removeAll()
    }
}
