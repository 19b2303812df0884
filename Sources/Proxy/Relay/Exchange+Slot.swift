extension Exchange {
    /// Who decides on the slot, in this order: a preview, a rule, a session, the split.
    func chooseSlot(_ route: RouteTable.Match, _ routing: WorkerRouting) -> SlotID {
        if let preview = routing.preview.slot(in: input, &bench.requestFields) { return preview }
        if route.rescuesAssets, request.method == .get || request.method == .head {
            recourse = .assets
        }
        guard routing.placesUsers else {
            let slot = routing.split.slot(for: 0)
            routing.laneCounters[2 * route.service + slot.index].wasSplit()
            return slot
        }
        let slot = placeUser(route.service, routing)
        if routing.safetyNet.isUnder(slot) {
            recourse.insert(.safetyNet)
            bench.rescueBudget.requestBegan()
        }
        return slot
    }

    private func placeUser(_ service: Int, _ routing: WorkerRouting) -> SlotID {
        if !routing.slotRules.isEmpty, let slot = ruledSlot(routing) {
            routing.laneCounters[2 * service + slot.index].wasRuled()
            return slot
        }
        let slot = routing.sessions.isEnabled ? sessionSlot(routing) : splitSlot(routing)
        routing.laneCounters[2 * service + slot.index].wasSplit()
        return slot
    }

    private func ruledSlot(_ routing: WorkerRouting) -> SlotID? {
        // Whatever the cookie says stays as it is, for when no rule fits any more.
        if routing.sessions.isEnabled { session = .asIs }
        return routing.slotRules.slot(in: input, bench.requestFields, client: client)
    }

    private func splitSlot(_ routing: WorkerRouting) -> SlotID {
        routing.split.slot(for: routing.split.isSplit ? stickyHash(routing) : 0)
    }

    /// The slot by the session; the response then sets the cookie, or ends it.
    private func sessionSlot(_ routing: WorkerRouting) -> SlotID {
        session = .asIs
        let rule = routing.sessions
        guard rule.isSplit else {
            if request.cookie >= 0, rule.hasCookie(in: input, bench.requestFields) {
                session = .ends(isSecure: isDownstreamSecure)
            }
            return routing.split.slot(for: 0)
        }
        let token = request.cookie >= 0 ? rule.token(in: input, bench.requestFields) : nil
        let placement = rule.place(token, hash: token == nil ? stickyHash(routing) : 0)
        if placement.isNew {
            session = .begins(token: placement.token.word, isSecure: isDownstreamSecure)
        }
        return placement.slot
    }

    private func stickyHash(_ routing: WorkerRouting) -> UInt32 {
        let random = bench.random.next()
        return routing.sticky.hash(
            in: input,
            bench.requestFields,
            client: client,
            random: random
        )
    }

    /// Whether a proxy that we trust says that the downstream speaks TLS with it.
    ///
    /// Of several values the first is the one nearest to the client.
    private var isDownstreamSecure: Bool {
        guard isTrusted, request.forwardedProto >= 0 else { return false }
        let value = bench.requestFields[request.forwardedProto].value
        return input.isListOfHTTPS(value)
    }
}

extension Buffer {
    private static let secureScheme = Array("https".utf8)

    /// Whether the first member of a list of schemes is `https`.
    fileprivate func isListOfHTTPS(_ value: ByteRange) -> Bool {
        let bytes = unread
        var end = Int(value.start)
        while end < Int(value.end), bytes[end] != UInt8(ascii: ","), bytes[end] != 0x20 {
            end += 1
        }
        return bytes.equalsIgnoringCase(ByteRange(Int(value.start), end), Self.secureScheme)
    }
}

// A span of a class's buffer must not outlive one access to it: these take the buffer instead.

extension SlotRules {
    fileprivate func slot(
        in input: borrowing Buffer,
        _ fields: borrowing FieldTable,
        client: IPAddress
    ) -> SlotID? {
        slot(head: input.unread, fields: fields, client: client)
    }
}

extension SessionRule {
    fileprivate func token(
        in input: borrowing Buffer,
        _ fields: borrowing FieldTable
    ) -> SessionToken? {
        token(in: input.unread, fields)
    }

    fileprivate func hasCookie(in input: borrowing Buffer, _ fields: borrowing FieldTable) -> Bool {
        hasCookie(in: input.unread, fields)
    }
}

extension StickyKey {
    /// The hash for a head that stands at the front of `input`.
    fileprivate func hash(
        in input: borrowing Buffer,
        _ fields: borrowing FieldTable,
        client: IPAddress,
        random: UInt64
    ) -> UInt32 {
        hash(
            head: input.unread,
            fields: fields,
            client: client,
            random: UInt32(truncatingIfNeeded: random)
        )
    }
}
