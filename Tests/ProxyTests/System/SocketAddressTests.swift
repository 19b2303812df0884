import CLinux
import Glibc
import Testing

@testable import Proxy

@Suite("Socket address")
struct SocketAddressTests {
    /// What the kernel would hand back for it.
    private static func storage(of address: SocketAddress) -> (sockaddr_storage, Int) {
        var storage = sockaddr_storage()
        let size = unsafe address.withSockaddr { raw, length in
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                unsafe bytes.copyMemory(
                    from: UnsafeRawBufferPointer(start: raw, count: Int(length))
                )
            }
            return Int(length)
        }
        return (storage, size)
    }

    @Test(
        "an address survives its way through the kernel's form",
        arguments: [
            ("127.0.0.1", 1, AF_INET), ("192.0.2.1", 65_535, AF_INET), ("::1", 8_080, AF_INET6),
            ("2001:db8::1", 443, AF_INET6),
        ] as [(String, UInt16, Int32)]
    )
    func roundTrip(text: String, port: UInt16, family: Int32) throws {
        let address = SocketAddress.ip(try #require(IPAddress(text)), port: port)

        let (storage, _) = Self.storage(of: address)

        #expect(address.family == family)
        #expect(Int32(storage.ss_family) == family)
        #expect(SocketAddress(storage) == address)
    }

    @Test func `port and address go out in the order of the network`() {
        let (storage, size) = Self.storage(of: .loopback(port: 0x1234))
        let bytes = unsafe withUnsafeBytes(of: storage) { unsafe Array($0.prefix(8)) }

        #expect(size == MemoryLayout<sockaddr_in>.size)
        #expect(bytes[2...] == [0x12, 0x34, 127, 0, 0, 1])
    }

    @Test func `a path of the longest size keeps its closing zero`() {
        let path = "/" + String(repeating: "p", count: SocketAddress.unixPathLimitBytes - 1)
        let address = SocketAddress.unix(path: path)

        let (storage, size) = Self.storage(of: address)
        let bytes = unsafe withUnsafeBytes(of: storage) { unsafe Array($0.prefix(size)) }

        #expect(address.family == AF_UNIX)
        #expect(size == MemoryLayout<sockaddr_un>.size)
        #expect(Array(bytes[2...]) == Array(path.utf8) + [0])
    }

    @Test func `a longer path traps`() async {
        await #expect(processExitsWith: .failure) {
            let path = String(repeating: "p", count: SocketAddress.unixPathLimitBytes + 1)
            unsafe SocketAddress.unix(path: path).withSockaddr { _, _ in }
        }
    }

    @Test func `who connects over a path has no name, and other families are none`() {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        #expect(SocketAddress(storage) == .unix(path: ""))

        storage.ss_family = sa_family_t(AF_UNSPEC)
        #expect(SocketAddress(storage) == nil)
    }

    @Test func `it is written as in the configuration`() throws {
        let v6 = try #require(IPAddress("2001:db8::1"))

        #expect(SocketAddress.loopback(port: 80).description == "127.0.0.1:80")
        #expect(SocketAddress.ip(v6, port: 443).description == "[2001:db8::1]:443")
        #expect(SocketAddress.unix(path: "/run/app.sock").description == "unix:/run/app.sock")
    }
}
