/// The page a browser sees: slot, service and version in the slot's colour.
struct DemoPage {
    let identity: DemoIdentity

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>\(identity.slot): \(identity.service) \(identity.version)</title>
        <style>
        body { margin: 0; min-height: 100vh; display: grid; place-content: center;
               text-align: center; background: \(identity.colour); color: #fff;
               font: 20px/1.5 system-ui, sans-serif; }
        h1 { font-size: 96px; line-height: 1; margin: 0 0 16px; }
        a { color: inherit; }
        </style>
        <h1>\(identity.slot)</h1>
        <p>\(identity.service) \(identity.version) at \(identity.authority)</p>
        <p><a href="/api/hello">/api/hello</a> · <a href="/health">/health</a> ·
        <a href="/metrics">/metrics</a> · <a href="/events">/events</a></p>
        </html>

        """
    }
}
