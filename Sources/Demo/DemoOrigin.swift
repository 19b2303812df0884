/// One origin: a listening socket, the thread that accepts from it and the connections it serves.
final class DemoOrigin: Sendable {
    let application: DemoApplication
    private let listener: OriginSocket
    private let roster = ConnectionRoster()

    init(listener: OriginSocket, identity: DemoIdentity) {
        self.listener = listener
        application = DemoApplication(identity: identity)
    }

    /// Accepts until the listening socket is shut down; the origin's own thread runs it.
    func acceptConnections() {
        while let socket = listener.accepted() {
            let connection = DemoConnection(socket: socket, application: application)
            guard !roster.admit(socket, serve: connection.serve) else { continue }
            _ = socket.send(Array("HTTP/1.1 503 Full\r\nConnection: close\r\n\r\n".utf8))
            socket.close()
        }
    }

    /// Wakes `acceptConnections` to its end.
    func shutDown() { listener.shutDown() }

    /// Ends all connections and frees the address; after `acceptConnections` has returned.
    func close() {
        roster.close()
        listener.close()
    }
}
