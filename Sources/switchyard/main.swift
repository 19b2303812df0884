import Admin
import CLinux
import Glibc

let program = Program(
    verbs: [
        ServeVerb.self, DemoVerb.self, CheckVerb.self, ActiveSlotVerb.self, InactiveSlotVerb.self,
        StatusVerb.self, VerdictVerb.self,
        SwitchVerb.self, RollbackVerb.self, CanaryVerb.self, RolloutVerb.self, LeaseVerb.self,
        DrainVerb.self, HistoryVerb.self, ReloadVerb.self, UpgradeVerb.self,
        DashboardVerb.self, VersionVerb.self,
    ]
)
exit(program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
