import Testing

@testable import Proxy

@Suite("Config reload")
struct ConfigReloadTests {
    let message = "restart the program to change it, a reload cannot"

    func reasons(_ text: ConfigText, _ files: [String: String] = [:]) throws -> [ConfigIssue] {
        try ConfigText().config().restartReasons(changingTo: text.config(files: files))
    }

    @Test(
        "what holds from start to end asks for a restart",
        arguments: [
            (
                ConfigText(
                    slots: #"{"red": {"app": ["a:1"]}, "blue": {"app": ["a:2"]}}"#
                ),
                "$.slots", #""blue" and "red" where "blue" and "green" runs"#
            ),
            (
                ConfigText(more: #""admin": {"address": "127.0.0.1:9999"}"#),
                "$.admin.address", #""127.0.0.1:9999" where "127.0.0.1:8081" runs"#
            ),
            (
                ConfigText(more: #""admin": {"token_file": "t"}"#),
                "$.admin.token_file", #""t" where nothing runs"#
            ),
            (
                ConfigText(more: #""admin": {"read_token_file": "t"}"#),
                "$.admin.read_token_file", #""t" where nothing runs"#
            ),
            (
                ConfigText(more: #""state_file": null"#),
                "$.state_file", #"nothing where "state/switchyard.json" runs"#
            ),
            (
                ConfigText(more: #""workers": 3"#),
                "$.workers", "3 where one for each core runs"
            ),
            (
                ConfigText(more: #""metrics": {"buckets_seconds": [1, 2.5]}"#),
                "$.metrics.buckets_seconds",
                "[1, 2.5] where a list of 14 runs"
            ),
        ]
    )
    func restart(text: ConfigText, path: String, found: String) throws {
        let reasons = try reasons(text, ["t": "token"])

        #expect(reasons == [ConfigIssue(path: path, found: found, message: message)])
    }

    @Test(
        "everything else is for a reload",
        arguments: [
            ConfigText(listeners: #"[{"address": "[::]:1", "routes": [{"service": "app"}]}]"#),
            ConfigText(
                services: #"{"app": {}, "web": {}}"#,
                slots: #"""
                    {"blue": {"app": ["a:1"], "web": ["a:2"]}, "green": {"app": ["a:3"], "web": ["a:4"]}}
                    """#
            ),
            ConfigText(activeSlot: #""green""#),
            ConfigText(more: #""timeouts": {"connect": "1s"}, "limits": {"fields": 5}"#),
            ConfigText(more: #""canary": {"percent": 5, "sticky": null}, "preview": false"#),
            ConfigText(more: #""upstream": {"retries": 0}, "access_log": {"path": "-"}"#),
        ]
    )
    func reload(text: ConfigText) throws {
        #expect(try reasons(text).isEmpty)
    }
}
