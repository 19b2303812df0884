import Proxy

/// The configuration that runs, and where and when it was read.
package struct LoadedConfig: Sendable {
    package let path: String
    package let hash: String
    package let time: Timestamp

    package init(path: String, hash: String, time: Timestamp) {
        self.path = path
        self.hash = hash
        self.time = time
    }

    var json: JSON {
        ["path": .string(path), "hash": .string(hash), "loaded": .string(time.description)]
    }
}
