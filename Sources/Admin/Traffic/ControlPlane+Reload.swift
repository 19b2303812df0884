import Proxy
import Synchronization

/// Why a changed configuration was not applied; nothing has changed then.
package enum ReloadFailure: Error, Equatable {
    /// Mistakes in the file, or settings that only a restart changes.
    case refused([ConfigIssue])
    case tokens(StartFailure)
    /// A listener could not be opened.
    case start(StartFailure)

    /// Every reason, in words.
    package var reasons: [String] {
        switch self {
        case .refused(let issues): issues.map(\.description)
        case .tokens(let failure), .start(let failure): [failure.message]
        }
    }
}

extension ControlPlane {
    /// Reads the configuration file again and applies it, all or nothing.
    ///
    /// Returns when every worker follows it. The slots' traffic stays as it is.
    package func reload(actor: String) throws(ReloadFailure) -> LoadedConfig {
        try turn.withLock { _ throws(ReloadFailure) in try reloadInTurn(actor: actor) }
    }

    private func reloadInTurn(actor: String) throws(ReloadFailure) -> LoadedConfig {
        guard !isHandedOver else {
            throw .start(StartFailure(message: Refusal.handedOver.message))
        }
        let path = currentFacts.loaded.path
        let config: Config
        do { config = try Config.load(path: path) } catch { throw .refused(error.issues) }
        let reasons = server.config.restartReasons(changingTo: config)
        guard reasons.isEmpty else { throw .refused(reasons) }
        let tokens: AdminTokens
        do { tokens = try AdminTokens(config.admin) } catch { throw .tokens(error) }
        do { try server.reload(config) } catch { throw .start(error) }

        let loaded = LoadedConfig(path: path, hash: config.hash, time: .now)
        adopt(loaded, tokens: tokens)
        recordReload(loaded, actor: actor)
        return loaded
    }

    /// The reload is in force whether or not the history can keep it, so a failure is only told.
    private func recordReload(_ loaded: LoadedConfig, actor: String) {
        log.note("reloaded \(loaded.path), configuration \(loaded.hash), by \(actor)")
        let entry = HistoryEntry(
            generation: routing.generation,
            time: loaded.time.description,
            action: .reload,
            to: name(of: routing.active),
            canary: routing.canary,
            actor: actor,
            reason: "configuration \(loaded.hash)"
        )
        do { try remember(entry) } catch {
            log.note("the reload is not in the history: \(error.message)")
        }
    }
}
