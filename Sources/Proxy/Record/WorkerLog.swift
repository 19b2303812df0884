/// One worker's end of the log.
struct WorkerLog {
    let ring: LogRing
    let writer: LogWriter

    func write(_ kind: LogRing.Kind, _ line: borrowing TextBuffer) {
        if ring.append(kind, line) { writer.wake() }
    }
}
