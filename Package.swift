// swift-tools-version: 6.3
import PackageDescription

/// Every target is built alike: the strictest checks the toolchain has, and no warnings.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),  // for views of Bytes/Buffer.swift
]

/// The hot path leaves out run-time exclusivity checks in release builds.
///
/// They were a third of its instructions, for a law that debug and sanitizer builds enforce on
/// every test. Bounds checks stay.
let hotPath: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

let package = Package(
    name: "switchyard",
    targets: [
        .systemLibrary(name: "CLinux"),
        .target(name: "Proxy", dependencies: ["CLinux"], swiftSettings: strict + hotPath),
        .target(name: "Admin", dependencies: ["CLinux", "Proxy"], swiftSettings: strict),
        .target(name: "Demo", dependencies: ["CLinux", "Proxy"], swiftSettings: strict),
        .executableTarget(
            name: "switchyard",
            dependencies: ["Admin", "Demo", "Proxy"],
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Admin", "CLinux", "Proxy"],
            path: "Tests/TestSupport",
            // Optimised in every build: all bytes of the load tests pass through it.
            swiftSettings: strict + [.unsafeFlags(["-O"])]
        ),
        .testTarget(
            name: "ProxyTests",
            dependencies: ["Proxy", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AdminTests",
            dependencies: ["Admin", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Admin", "Demo", "Proxy", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DemoTests",
            dependencies: ["CLinux", "Demo", "Proxy"],
            swiftSettings: strict
        ),
        .testTarget(name: "TidyTests", swiftSettings: strict),

        .target(
            name: "BenchmarkSockets",
            dependencies: ["CLinux"],
            path: "Benchmarks/Sockets",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-origin",
            dependencies: ["BenchmarkSockets"],
            path: "Benchmarks/Origin",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-load",
            dependencies: ["BenchmarkSockets"],
            path: "Benchmarks/LoadGenerator",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: ["TestSupport", "bench-load", "bench-origin"],
            path: "Benchmarks/Tests",
            swiftSettings: strict
        ),
    ]
)
