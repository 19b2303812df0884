import Proxy

extension AdminRoutes {
    /// Single exchanges that an answer tells unless `limit` says otherwise.
    private static let drainListing = 100
    /// Most that may be asked for: as many as a worker tells.
    private static let drainListingLimit = 1_000

    func drain(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        var limit = Self.drainListing
        if let text = call.request.parameter("limit") {
            guard let number = Int(text), (0...Self.drainListingLimit).contains(number) else {
                throw AdminRefusal(
                    400,
                    "\"limit\" has to be a number from 0 to \(Self.drainListingLimit)"
                )
            }
            limit = number
        }
        return .json(control.drainJSON(try drainSlot(call.request.parameter("slot")), limit: limit))
    }

    func waitForDrain(_ call: Call) throws(AdminRefusal) -> AdminResponse {
        let body = try ChangeBody(call.request.body, allowing: ChangeBody.forDrain)
        let slot = try drainSlot(body.slot)
        let name = control.name(of: slot)
        guard !control.takesTraffic(slot) else {
            throw AdminRefusal(
                409,
                "the slot \(name) takes traffic, so it cannot drain; switch to the other slot and"
                    + " end the canary first"
            )
        }
        _ = control.waitUntilDrained(slot, timeout: body.timeout)
        return .json(control.drainJSON(slot, limit: 0))
    }

    /// The slot that is asked about; without a name the one that is not active.
    private func drainSlot(_ name: String?) throws(AdminRefusal) -> SlotID {
        guard let name else { return control.routing.active.other }
        return try slot(named: name)
    }
}
