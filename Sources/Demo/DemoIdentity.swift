/// Who an origin pretends to be: one service of one slot, in some version.
struct DemoIdentity: Sendable, Equatable {
    let slot: String
    let service: String
    let version: String
    let colour: String
    /// The endpoint as the configuration writes it.
    let authority: String

    /// The slot at `index` (0 or 1); the second one runs the newer version.
    init(slot: String, index: Int, service: String, authority: String) {
        self.slot = slot
        self.service = service
        self.authority = authority
        version = Self.version(ofSlot: index)
        colour = index == 0 ? "#1f5fbf" : "#1f7f4f"
    }

    static func version(ofSlot index: Int) -> String { index == 0 ? "1.4.2" : "1.5.0" }
}
