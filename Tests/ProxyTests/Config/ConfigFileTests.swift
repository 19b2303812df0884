import Testing

@testable import Proxy

@Suite("Config file")
struct ConfigFileTests {
    @Test(
        "what runs reads as the same configuration",
        arguments: [
            ConfigText(), ConfigViewTests.everything,
            ConfigText(more: #""preview": false, "access_log": false"#),
            ConfigText(more: #""canary": {"percent": 0, "sticky": {"cookie": "Session"}}"#),
            ConfigText(more: #""canary": {"percent": null, "sticky": null}"#),
            ConfigText(more: #""canary": {"session": true, "safety_net": false}"#),
            ConfigText.route(#""asset_rescue": true"#),
        ]
    )
    func roundTrip(text: ConfigText) throws {
        let config = try text.config(files: ConfigViewTests.tokens)

        let again = try Config.parse(Array(config.redactedJSON().utf8)) { path in
            .success(Array((ConfigViewTests.tokens[path] ?? "").utf8))
        }

        #expect(again == config)
        #expect(again.hash == config.hash)
    }

    @Test func `what runs is described by names, and by the shortest spelling`() throws {
        let config = try ConfigViewTests.everything.config(files: ConfigViewTests.tokens)

        let file = ConfigFile(describing: config)

        #expect(file.activeSlot == "v2")
        #expect(file.services?.map(\.name) == ["app", "web"])
        #expect(file.slots?.map(\.name) == ["v1", "v2"])
        let routes = file.listeners?[0].value.routes?.map(\.value) ?? []
        #expect(routes.map(\.service) == ["app", "app", "web"])
        #expect(routes.map(\.path) == ["/a", nil, nil])
        #expect(routes.map(\.pathPrefix) == [nil, "/b/", nil])
        #expect(routes.map(\.methods) == [nil, nil, ["GET"]])
    }
}
