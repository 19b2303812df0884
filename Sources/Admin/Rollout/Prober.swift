import CLinux
import Glibc
import Proxy

/// Tries the candidate before any user reaches it: its health, then synthetic requests.
struct Prober {
    /// How often the health is looked at.
    private static let pauseMicroseconds: UInt32 = 50_000

    let control: ControlPlane
    let rollout: Rollout
    /// Whether the program goes on.
    var mayGoOn: () -> Bool = { true }

    private var probe: Config.Rollout.Probe { rollout.plan.probe }

    /// Every request has to be answered with 200 to 399; nil when the rollout has ended meanwhile.
    func find() -> Rollout.Finding? {
        if let finding = waitForHealth() { return finding }
        guard isWanted else { return nil }
        let config = control.server.config
        for target in probe.targets {
            guard let service = config.services.firstIndex(where: { $0.name == target.service })
            else { return .failed("the service \(target.service) is no longer configured") }
            for endpoint in config.slots[rollout.candidate.index].endpoints[service] {
                for _ in 0..<probe.requests {
                    guard isWanted else { return nil }
                    if let reason = Self.fault(of: endpoint, target.path, within: probe.timeout) {
                        return .failed("GET \(target.path) of \(endpoint.authority): \(reason)")
                    }
                }
            }
        }
        return .passed
    }

    /// Nil as soon as all services are healthy.
    private func waitForHealth() -> Rollout.Finding? {
        let deadline = ContinuousClock.now + probe.wait
        while isWanted {
            let faults = control.faults(of: rollout.candidate)
            if faults.isEmpty { return nil }
            guard ContinuousClock.now < deadline else {
                let slot = control.name(of: rollout.candidate)
                let sentence = ServiceFault.sentence(slot: slot, faults)
                return .failed("\(sentence), after \(DurationText.text(probe.wait))")
            }
            usleep(Self.pauseMicroseconds)
        }
        return nil
    }

    private var isWanted: Bool {
        guard mayGoOn(), let now = control.rollout else { return false }
        return now.number == rollout.number && now.state == .probing && !now.isPaused
    }

    /// What is wrong with the answer; nil for nothing.
    private static func fault(
        of endpoint: Config.Endpoint,
        _ path: String,
        within limit: Duration
    ) -> String? {
        let client = HTTPClient(place: endpoint.place, authority: endpoint.host)
        let answer: HTTPClient.Answer
        do { answer = try client.ask("GET", path, within: limit) } catch { return error.reason }
        return (200..<400).contains(answer.status) ? nil : "it answered \(answer.status)"
    }
}

extension Config.Endpoint {
    fileprivate var place: HTTPClient.Place {
        switch target {
        case .address(.ip(let address, let port)): .network(host: "\(address)", port: "\(port)")
        case .address(.unix(let path)): .unix(path: path)
        case .name(let host, let port): .network(host: host, port: "\(port)")
        }
    }

    /// For the `Host` field.
    fileprivate var host: String { authority.hasPrefix("unix:") ? "localhost" : authority }
}
