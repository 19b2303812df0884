/// The program's version, written here alone.
package enum Version {
    package static let text = "0.1.0"
}
