// swift-tools-version: 6.2
import PackageDescription

// A package of its own: it builds the one room that it measures, and not the whole house.
let package = Package(
  name: "microvm-benchmark",
  dependencies: [.package(name: "faascast", path: "../..")],
  targets: [
    // The rival: the smallest monitor in C that does the same for a freestanding guest.
    .target(
      name: "CMonitor",
      cSettings: [.unsafeFlags(["-O2", "-fno-builtin", "-Wno-gnu-variable-sized-type-not-at-end"])]),
    .executableTarget(
      name: "MicroVMBenchmark",
      dependencies: ["CMonitor", .product(name: "MicroVM", package: "faascast")],
      swiftSettings: [
        .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ]
)
