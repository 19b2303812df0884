extension RequestHead {
    /// A head of nothing, in the place of one that is yet to be read.
    init() {
        let target = RequestTarget(range: .empty, path: .empty, authority: .empty, form: .origin)
        self.init(
            RequestLine(methodBytes: .empty, target: target, method: .other, version: .http11)
        )
    }
}
