/// Why listeners could not be opened: a sentence for the operator.
package struct StartFailure: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}
