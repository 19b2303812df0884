/// Why the demo origins could not be opened: a sentence for the person who started them.
package struct DemoFailure: Error, Equatable {
    package let message: String

    package init(message: String) { self.message = message }
}
