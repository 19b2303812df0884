/// What is kept of each client over all workers; a table is made when its limit is first set, and
/// stays, for connections that are open have a place in it.
struct ClientTables: Sendable {
    private(set) var requests: ClientRequestTable?
    private(set) var connections: ClientConnectionTable?

    init() {}

    mutating func prepare(for limits: Config.Limits) {
        var random = Random()
        if limits.clientRequests != nil, requests == nil {
            requests = ClientRequestTable(random: &random)
        }
        if limits.clientConnections != nil, connections == nil {
            connections = ClientConnectionTable(random: &random)
        }
    }
}
