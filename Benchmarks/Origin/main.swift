import BenchmarkSockets
import CLinux
import Glibc

/// `bench-origin PORT`: serves until it is killed; port 0 takes a free one.
let arguments = CommandLine.arguments
guard arguments.count == 2, let wanted = UInt16(arguments[1]) else {
    fail("usage: bench-origin PORT")
}
signal(SIGPIPE, SIG_IGN)
let (listener, port) = Socket.listen(port: wanted)
var origin = Origin(listener: listener)
print("listening on 127.0.0.1:\(port)")
fflush(nil)
origin.run()
