/// How traffic is split between the slots, and what users notice of it.
extension Config {
    package struct Canary: Sendable, Equatable {
        package enum Sticky: Sendable, Equatable {
            case clientAddress
            case cookie(String)
            /// Lower case.
            case header(String)
            /// By chance, request by request.
            case none
        }

        /// The canary of the very first start; nil starts without one.
        package var weight: Weight?
        package var sticky = Sticky.clientAddress
        /// The cookie that keeps a user on a slot; nil sets none.
        package var session: Session?
        /// Tried in order, before session and split.
        package var rules: [SlotRule] = []
        /// nil passes the failures of a canary on.
        package var safetyNet: SafetyNet? = SafetyNet()

        package init() {}
    }

    /// A cookie of ours that says where its user is served while a canary is on.
    package struct Session: Sendable, Equatable {
        package enum Lowered: String, Sendable, Equatable, CaseIterable {
            /// Sessions beyond the weight go to the active slot: the share is exact.
            case move
            /// Sessions of the canary stay, and only new ones follow the weight.
            case keep
        }

        package enum Secure: Sendable, Equatable {
            /// Where a trusted proxy says that the downstream came by TLS.
            case automatic
            case always
            case never
        }

        package var cookie = "switchyard_slot"
        /// nil leaves the end to the browser.
        package var maxAge: Duration?
        package var whenLowered = Lowered.move
        package var secure = Secure.automatic
        /// File with the secret that signs the cookie; nil takes a key of this program's own.
        package var keyFile: String?
        /// The key made of the secret that the file held when the configuration was loaded.
        package var key: SessionKey?

        package init() {}
    }

    /// Conditions that must all hold, and the slot of the requests that meet them.
    package struct SlotRule: Sendable, Equatable {
        package struct CookieMatch: Sendable, Equatable {
            package var name: String
            /// nil: the cookie has to be present with whatever value.
            package var value: String?

            package init(name: String, value: String?) {
                self.name = name
                self.value = value
            }
        }

        package var header: Route.HeaderMatch?
        package var cookie: CookieMatch?
        /// Empty: every client.
        package var clients: [AddressRange] = []
        /// A slot's name, or `canary` or `active` where no slot is called so.
        package var slot = ""

        package init() {}
    }

    /// Has the active slot answer what the canary failed to.
    package struct SafetyNet: Sendable, Equatable {
        /// Requests of a hundred that may be answered so.
        package var budgetPercent = 100
        /// Whether a 500 of the canary is a failure too, beside 502, 503 and 504.
        package var takes500 = false

        package init() {}
    }

    /// The words for a slot by what it is at the time.
    static let slotRoles = ["canary", "active"]

    /// The slot that a rule means while `routing` is in force; the name was checked.
    func slot(of rule: SlotRule, in routing: RoutingState) -> SlotID {
        if let slot = slot(named: rule.slot) { return slot }
        return rule.slot == Self.slotRoles[0] ? routing.active.other : routing.active
    }
}

extension Config.Canary {
    /// Of the requests that go to the canary, those that the active slot may answer.
    var rescuePercent: Int { safetyNet?.budgetPercent ?? 0 }
}
