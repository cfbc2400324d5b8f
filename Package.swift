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
  // floor 1
  Room(name: "Diagnostics"),
  Room(name: "Units", imports: ["Diagnostics"]),
  Room(name: "Documents", imports: ["Diagnostics"]),
  Room(name: "Statistics", imports: ["CGSL", "Diagnostics"]),
  // floor 2
  Room(name: "Workload", imports: ["CZlib", "Diagnostics", "Units", "Statistics"]),
  Room(name: "Platform", imports: ["Diagnostics", "Units", "Statistics"]),
  // floor 3
  Room(
    name: "Simulation",
    imports: [
      "Diagnostics", "Units", "Statistics", "Workload", "Platform",
      .product(name: "DequeModule", package: "swift-collections"),
      .product(name: "HeapModule", package: "swift-collections"),
    ]),
  Room(name: "MicroVM", imports: ["CKVM", "Diagnostics", "Units"]),
  Room(
    name: "Pricing", imports: ["Diagnostics", "Units", "Documents", "Workload", "Platform", "Simulation"],
    resources: [.embedInCode("Resources/price-book.json")]),
  // floor 4
  Room(
    name: "Calibration",
    imports: ["Diagnostics", "Units", "Documents", "Statistics", "Workload", "Platform", "Simulation"]),
  Room(
    name: "Scenario",
    imports: [
      "Diagnostics", "Units", "Statistics", "Workload", "Platform", "Pricing",
      .product(name: "Yams", package: "Yams"),
    ]),
  Room(name: "Measuring", imports: ["Diagnostics", "Units", "Documents", "Statistics", "MicroVM"]),
  Room(
    name: "Planning", imports: ["Diagnostics", "Units", "Statistics", "Workload", "Platform", "Simulation"]),
  // floor 5
  Room(
    name: "LiveHost",
    imports: [
      "Diagnostics", "Units", "Statistics", "Workload", "Platform", "Simulation", "MicroVM", "Measuring",
    ]),
  Room(
    name: "Reporting",
    imports: [
      "Diagnostics", "Documents", "Units", "Statistics", "Workload", "Platform", "Simulation", "Pricing", "Planning",
    ],
    resources: [.embedInCode("Resources/page.css"), .embedInCode("Resources/page.js")]),
]

let package = Package(
  name: "faascast",
  products: [
    .executable(name: "faascast", targets: ["faascast"]),
    // The rooms as a library: what Benchmarks/ and other programs build on.
    .library(name: "FaascastRooms", targets: rooms.map(\.name)),
    // The engine and the monitor alone, which their benchmarks build without the rest.
    .library(name: "Simulation", targets: ["Simulation"]),
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
    // floor 6
    .executableTarget(
      name: "faascast",
      dependencies: rooms.map { .init(stringLiteral: $0.name) } + [
        "CHeap", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: houseRules),
    .target(name: "RealData", path: "Tests/RealData", swiftSettings: houseRules),
  ]
    + rooms.map {
      .target(name: $0.name, dependencies: $0.imports, resources: $0.resources, swiftSettings: houseRules)
    }
    + rooms.filter(\.tested).map { room in
      .testTarget(
        name: "\(room.name)Tests",
        dependencies: [.init(stringLiteral: room.name), "RealData"] + room.imports,
        swiftSettings: houseRules)
    }
    // Runs the built program as people do, and needs nothing but its presence.
    + [
      .testTarget(
        name: "CommandLineTests", dependencies: ["faascast", "Diagnostics", "RealData"], swiftSettings: houseRules)
    ]
)
