// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "engine-benchmark",
  dependencies: [.package(name: "faascast", path: "../..")],
  targets: [
    // The rivals, in C at -O3: what a careful programmer without the rooms would write.
    .target(name: "EngineRivals", cSettings: [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
      name: "PoolFromFile", cxxSettings: [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("m")]),
    .executableTarget(
      name: "EngineBenchmark",
      dependencies: ["EngineRivals", .product(name: "Engine", package: "faascast")],
      swiftSettings: [
        .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ],
  cxxLanguageStandard: .cxx17
)
