public import MicroVM

/// A function that is to be measured.
public struct Subject: Sendable {
  /// What the profile calls it.
  public var name: String
  /// Where its program lies, as a person would name it.
  public var path: String
  public var image: GuestImage
  /// Given with every invocation.
  public var request: [UInt8]

  /// `freestanding`, `linux` or `python`.
  var kind: String { path.hasSuffix(".py") ? "python" : image.kind == .freestanding ? "freestanding" : "linux" }

  public init(name: String, path: String, image: GuestImage, request: [UInt8] = []) {
    self.name = name
    self.path = path
    self.image = image
    self.request = request
  }

  /// Finds a function by the name of a sample or by the path of a program, and builds it if it must be.
  public static func find(
    _ word: String, request: [UInt8], samples: SampleFunctions?
  ) throws(MeasuringFault) -> Subject {
    let isPath = word.contains("/") || word.contains(".")
    if !isPath, let samples {
      let path = try samples.build(word)
      return Subject(name: word, path: path, image: try load(path, word), request: request)
    }
    guard isPath else {
      throw .unavailable(
        what: "no sample functions here, so '\(word)' cannot be one",
        advice:
          "run faascast in its own directory, set FAASCAST_GUESTS to its Guests directory, or give a path: ./\(word)")
    }
    let name = word.split(separator: "/").last.map(String.init) ?? word
    return Subject(name: name, path: word, image: try load(word, word), request: request)
  }

  private static func load(_ path: String, _ name: String) throws(MeasuringFault) -> GuestImage {
    do throws(MachineFault) {
      return try GuestImage.load(path)
    } catch {
      throw .machine(function: name, error)
    }
  }
}
