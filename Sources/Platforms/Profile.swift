public import Statistics

/// What measurements say of a platform and of functions on it: laws that a scenario takes instead of writing them.
public struct Profile: Hashable, Sendable {
  public var name: String
  public var reuse: ReuseOrder?
  public var keepAlive: KeepAlive?
  public var maximumLifetime: Distribution?
  public var functions: [ProfiledFunction]

  public init(name: String, functions: [ProfiledFunction] = []) {
    self.name = name
    self.functions = functions
  }

  /// What is known of a function: by its own name; else by its runtime, architecture (x86_64 where not said) and package
  /// (zip where not said); else what was measured of functions without a name.
  public func function(
    named name: String, runtime: String?, architecture: Architecture?, package: String?
  ) -> ProfiledFunction? {
    if let own = functions.first(where: { $0.function == name }) { return own }
    if let runtime {
      let architecture = architecture ?? .x86
      let package = package ?? "zip"
      return functions.first {
        $0.function == nil && $0.runtime == runtime && ($0.architecture ?? architecture) == architecture
          && ($0.package ?? package) == package
      }
    }
    return functions.first { $0.function == nil && $0.runtime == nil }
  }

  /// A platform with this profile's laws in place of its own.
  public func applied(to platform: Platform) -> Platform {
    var platform = platform
    platform.reuse = reuse ?? platform.reuse
    platform.keepAlive = keepAlive ?? platform.keepAlive
    platform.maximumLifetime = maximumLifetime ?? platform.maximumLifetime
    return platform
  }
}

/// What measurements say of one function, or of all that share runtime, architecture and package.
public struct ProfiledFunction: Hashable, Sendable {
  public var function: String?
  public var runtime: String?
  public var architecture: Architecture?
  /// `zip` or `image`.
  public var package: String?
  /// Seconds.
  public var initDuration: Distribution?
  /// Seconds, init aside.
  public var duration: Distribution?
  public var memoryScaling: MemoryScaling?

  public init(
    function: String? = nil, runtime: String? = nil, architecture: Architecture? = nil, package: String? = nil
  ) {
    self.function = function
    self.runtime = runtime
    self.architecture = architecture
    self.package = package
  }

  /// `checkout`, or `python3.12, arm64, zip`.
  public var name: String {
    let parts = [function, runtime, architecture?.rawValue, package].compactMap { $0 }
    return parts.isEmpty ? "any function" : parts.joined(separator: ", ")
  }
}
