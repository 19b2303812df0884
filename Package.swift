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

// Every file that imports Glibc imports CLinux beside it: which of the two owns a type that both
// see (sockaddr, timespec, pthread_attr_t) depends on the order in which the compiler meets them.

let package = Package(
    name: "switchyard",
    targets: [
        .systemLibrary(name: "CLinux"),
        .target(name: "Proxy", dependencies: ["CLinux"], swiftSettings: strict + hotPath),
        .target(name: "Admin", dependencies: ["CLinux", "Proxy"], swiftSettings: strict),
        .target(name: "Demo", dependencies: ["CLinux", "Proxy"], swiftSettings: strict),
        .executableTarget(
            name: "switchyard",
            dependencies: ["Admin", "CLinux", "Demo", "Proxy"],
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
            dependencies: ["CLinux", "Proxy", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AdminTests",
            dependencies: ["Admin", "CLinux", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Admin", "CLinux", "Demo", "Proxy", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DemoTests",
            dependencies: ["CLinux", "Demo", "Proxy"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["Admin", "Proxy", "TestSupport"],
            exclude: ["Corpus", "Entry"],
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
            dependencies: ["BenchmarkSockets", "CLinux"],
            path: "Benchmarks/Origin",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-load",
            dependencies: ["BenchmarkSockets", "CLinux"],
            path: "Benchmarks/LoadGenerator",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "judge-simulation",
            dependencies: ["Admin", "CLinux"],
            path: "Benchmarks/JudgeSimulation",
            swiftSettings: strict
        ),
        .testTarget(
            name: "BenchmarkTests",
            dependencies: ["TestSupport", "bench-load", "bench-origin", "judge-simulation"],
            path: "Benchmarks/Tests",
            swiftSettings: strict
        ),
    ]
)
