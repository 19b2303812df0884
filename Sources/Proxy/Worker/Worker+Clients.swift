extension Worker {
    /// How often the log is told of connections that were refused.
    static let refusalPause = Nanoseconds.milliseconds(1_000)

    /// Takes a connection over, or closes it when its client has as many as it may have.
    ///
    /// A trusted proxy is not counted: it stands for many.
    func open(_ connection: consuming AcceptedConnection, listener: Int) {
        var place: Int32 = -1
        if let limit = bench.rules.clientConnectionLimit,
            let table = bench.clientTables.connections,
            !bench.routing.forwarded.trusts(connection.peer)
        {
            switch table.enter(connection.peer, limit: limit) {
            case .counted(let counted): place = counted
            case .uncounted: break
            case .refused:
                bench.counters.connectionRefused()
                return noteRefusal(of: connection.peer)
            }
        }
        bench.takeDownstream().open(connection, listener: listener, clientPlace: place)
    }

    /// One line a second at most, with how many there were.
    private func noteRefusal(of client: IPAddress) {
        refusals += 1
        guard bench.now >= reportsRefusalsAt else { return }
        reportsRefusalsAt = bench.now + Self.refusalPause
        bench.line.removeAll()
        bench.line.append("switchyard: closed ")
        bench.line.append(decimal: refusals)
        bench.line.append(" connections beyond limits.client_connections, the last one of ")
        bench.line.append(client)
        bench.line.append("\n")
        bench.log.write(.error, bench.line)
        refusals = 0
    }
}
