import Proxy
import TestSupport

@testable import Admin

extension SwitchyardProcess {
    /// What `GET /rollout` tells.
    func rollout() throws -> JSON {
        try JSONParser.parse(Array(try admin("GET", "/rollout").text.utf8))
    }

    /// Waits until the rollout is in a state.
    @discardableResult
    func waitForRollout(_ state: String, step: Int? = nil) throws -> JSON {
        var last = JSON.null
        do {
            try eventually("the rollout is \(state)") {
                last = try rollout()
                return last["state"]?.string == state
                    && (step == nil || last["step"]?.integer == step)
            }
        } catch { throw TestFailure("\(error), but \(last.line)") }
        return last
    }
}
