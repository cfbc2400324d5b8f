// swift-tools-version: 6.2
import PackageDescription

/// Every room is held to the same house rules: Swift 6 concurrency checks, warnings are errors,
/// existentials are spelled out, imports stay private unless said otherwise.
let houseRules: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house and the floor below that it may import (see docs/house.md).
struct Room {
  var name: String
  var imports: [Target.Dependency] = []
  var resources: [Resource] = []
  var tested = true
}

let rooms: [Room] = [
  // floor 0
  Room(name: "Diagnostics"),
  // floor 1
  Room(name: "Units", imports: ["Diagnostics"]),
  Room(name: "Documents", imports: ["CZlib", "Diagnostics"]),
  Room(name: "Reading", imports: ["CZlib", "Diagnostics"]),
  Room(name: "Statistics", imports: ["CGSL"]),
  // floor 2
  Room(name: "Workloads", imports: ["Diagnostics", "Units", "Statistics"]),
  Room(name: "Platforms", imports: ["Units", "Statistics"]),
  // floor 3
  Room(
    name: "Logs", imports: ["Diagnostics", "Units", "Reading", "Statistics", "Workloads", "Platforms"]),
  Room(
    name: "Engine",
    imports: [
      "Diagnostics", "Units", "Statistics", "Workloads", "Platforms",
      .product(name: "DequeModule", package: "swift-collections"),
      .product(name: "HeapModule", package: "swift-collections"),
    ]),
  Room(name: "MicroVM", imports: ["CKVM", "Diagnostics", "Units"]),
  // floor 4
  Room(
    name: "Traces",
    imports: ["Diagnostics", "Units", "Documents", "Reading", "Statistics", "Workloads", "Platforms", "Logs"]),
  Room(
    name: "Pricing",
    imports: [
      "Diagnostics", "Units", "Documents", "Reading", "Statistics", "Workloads", "Platforms", "Logs", "Engine",
    ],
    resources: [.embedInCode("Resources/price-book.json")]),
  // floor 5
  Room(
    name: "Calibration",
    imports: [
      "Diagnostics", "Units", "Documents", "Reading", "Statistics", "Workloads", "Platforms", "Logs", "Traces",
      "Engine",
    ]),
  Room(
    name: "Scenarios",
    imports: [
      "Diagnostics", "Units", "Statistics", "Workloads", "Platforms", "Logs", "Traces", "Pricing",
      .product(name: "Yams", package: "Yams"),
    ]),
  Room(name: "Measuring", imports: ["Diagnostics", "Units", "Documents", "Statistics", "MicroVM"]),
  Room(
    name: "Planning", imports: ["Diagnostics", "Units", "Statistics", "Workloads", "Engine"]),
  // floor 6
  Room(
    name: "LiveHost",
    imports: [
      "Diagnostics", "Units", "Statistics", "Workloads", "Platforms", "Engine", "MicroVM", "Measuring",
    ]),
  Room(
    name: "Reporting",
    imports: [
      "Diagnostics", "Documents", "Units", "Statistics", "Workloads", "Platforms", "Logs", "Traces", "Engine",
      "Pricing", "Planning",
    ],
    resources: [.embedInCode("Resources/page.css"), .embedInCode("Resources/page.js")]),
  // floor 7
  Room(
    name: "Forecasting",
    imports: [
      "Diagnostics", "Units", "Statistics", "Platforms", "Engine", "Pricing", "Planning", "Scenarios", "Reporting",
    ]),
]

let package = Package(
  name: "faascast",
  products: [
    .executable(name: "faascast", targets: ["faascast"]),
    // The rooms as a library: what Benchmarks/ and other programs build on.
    .library(name: "FaascastRooms", targets: rooms.map(\.name)),
    // The engine and the monitor alone, which their benchmarks build without the rest.
    .library(name: "Engine", targets: ["Engine"]),
    .library(name: "MicroVM", targets: ["MicroVM"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // floor 0
    .systemLibrary(name: "CGSL", pkgConfig: "gsl", providers: [.apt(["libgsl-dev"]), .brew(["gsl"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    // The kernel's own headers: inline wrappers of ioctls, no library.
    .systemLibrary(name: "CKVM"),
    // malloc.h, which the Glibc module leaves out.
    .systemLibrary(name: "CHeap"),
    // floor 8
    .executableTarget(
      name: "faascast",
      dependencies: rooms.map { .init(stringLiteral: $0.name) } + [
        "CHeap", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: houseRules),
    // What the tests of several rooms share: data, temporary files, damage, witnesses.
    .target(
      name: "TestSupport",
      dependencies: ["CZlib", "Diagnostics", "Units", "Statistics", "Reading", "Workloads", "Logs", "Traces"],
      path: "Tests/TestSupport", swiftSettings: houseRules),
  ]
    + rooms.map {
      .target(name: $0.name, dependencies: $0.imports, resources: $0.resources, swiftSettings: houseRules)
    }
    + rooms.filter(\.tested).map { room in
      .testTarget(
        name: "\(room.name)Tests",
        dependencies: [.init(stringLiteral: room.name), "TestSupport"] + room.imports,
        swiftSettings: houseRules)
    }
    // Runs the built program as people do, and needs nothing but its presence.
    + [
      .testTarget(
        name: "CommandLineTests", dependencies: ["faascast", "Diagnostics", "TestSupport"], swiftSettings: houseRules)
    ]
)
