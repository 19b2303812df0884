extension Exchange {
    /// Answers by ourselves: one line of plain text that says why, with the request's id.
    func answer(_ status: UInt16, _ reason: StaticString) {
        self.status = status
        endCause = .answered
        answerReason = reason
        phase = .answering
        // What cannot be trusted to end where we think, or has not been read, ends the connection.
        keepsDownstream =
            keepsDownstream && requestBody.isComplete && status != 413 && !bench.isDraining
        logAnswer(status, reason)
        bench.slices.removeAll()
        bench.text.removeAll()
        bench.appendAnswer(self, status, reason)
        if writeDownstream() { finishAnswer() }
    }

    func finishAnswer() {
        guard flushDownstream() else { return }
        end(keepsDownstream ? .keepAlive : .linger)
    }
}
