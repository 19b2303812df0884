/// A `proxy.json` with two slots of one service, as a user would write it.
package struct ConfigText: Sendable {
    package var listener = "127.0.0.1:0"
    package var admin = "127.0.0.1:0"
    package var blue: String
    package var green: String
    package var routes = #"[{ "service": "app" }]"#
    /// JSON for `state_file`.
    package var stateFile = "null"
    /// JSON for the service's `health_check`.
    package var healthCheck =
        #"{"path": "/health", "interval": "100ms", "timeout": "2s", "rise": 1, "fall": 2}"#
    /// Further members at the top level, each with a comma at its end.
    package var more = ""

    package init(blue: OriginServer, green: OriginServer? = nil) {
        self.blue = blue.authority
        self.green = green?.authority ?? blue.authority
    }

    /// With an endpoint for each slot, as written.
    package init(blue: String, green: String) {
        self.blue = blue
        self.green = green
    }

    /// Names a state file in `folder`.
    package mutating func keepState(in folder: TemporaryFolder) {
        stateFile = "\"\(folder["state.json"])\""
    }

    package var json: String {
        """
        {
          \(more)
          "listeners": [{ "address": "\(listener)", "routes": \(routes) }],
          "services": {
            "app": { "health_check": \(healthCheck) }
          },
          "slots": { "blue": { "app": ["\(blue)"] }, "green": { "app": ["\(green)"] } },
          "active_slot": "blue",
          "admin": { "address": "\(admin)" },
          "state_file": \(stateFile),
          "workers": 2
        }

        """
    }
}
