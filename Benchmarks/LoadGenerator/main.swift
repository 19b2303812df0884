import CLinux
import Glibc

/// Measures what a server or proxy on 127.0.0.1 does under load and prints one line of JSON.
let plan = Plan(arguments: Array(CommandLine.arguments.dropFirst()))
signal(SIGPIPE, SIG_IGN)
if case .hold(let atOnce) = plan.pace {
    var hold = Hold(plan: plan, atOnce: atOnce)
    hold.run()
} else {
    var generator = Generator(plan: plan)
    print(generator.run().json)
}
