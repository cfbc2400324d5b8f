public import Units

/// A rate that varies over time: factors that multiply each other and a base rate.
public struct RateProfile: Hashable, Sendable {
  public enum Factor: Hashable, Sendable {
    /// 24 weights at the full hours of a day, UTC, joined by straight lines; scaled so that their mean is one.
    case diurnal([Double])
    /// 7 weights from Monday, constant within a day, UTC; scaled so that their mean is one.
    case weekly([Double])
    /// 1 + amplitude · sin(2π (t − phase) / period), t from instant zero; `amplitude` 0 to 1.
    case sinusoid(amplitude: Double, period: TimeSpan, phase: TimeSpan)
    /// Factors as they are, each for `length`, from instant zero; over and over, or the last one holds on.
    case steps(length: TimeSpan, values: [Double], repeats: Bool)
  }

  public var factors: [Factor]

  public init(_ factors: [Factor]) { self.factors = factors }

  var readsCalendar: Bool {
    factors.contains {
      switch $0 {
      case .diurnal, .weekly: true
      case .sinusoid, .steps: false
      }
    }
  }

  /// A bound that the profile never passes.
  var maximum: Double {
    factors.reduce(1) { product, factor in
      switch factor {
      case .diurnal(let weights), .weekly(let weights):
        product * (weights.max() ?? 0) * Double(weights.count) / weights.reduce(0, +)
      case .sinusoid(let amplitude, _, _): product * (1 + amplitude)
      case .steps(_, let values, _): product * (values.max() ?? 0)
      }
    }
  }

  /// The mean over the time before `horizon` (over its first 4096 pieces where there are more).
  func mean(before horizon: TimeSpan, start: Int64) -> Double {
    guard horizon > .zero else { return 0 }
    var clock = ProfileClock(self, start: start, horizon: Double(horizon.nanoseconds))
    var area = 0.0
    for _ in 0..<4096 {
      area += clock.areaLeftInPiece
      guard clock.enterNextPiece() else { return area / Double(horizon.nanoseconds) }
    }
    return area / Double(clock.pieceStart)
  }
}

/// A clock whose speed is a profile: turns a process' own time into time since instant zero.
///
/// Time is cut into pieces within which every factor is constant, a straight line or part of a sine. Where at most one
/// factor is not constant and that one is straight, the integral is inverted in closed form; elsewhere by Newton's
/// method on a three-point Gauss-Legendre integral, whose relative error over 1/64 of a sine's period is below 1e-12.
struct ProfileClock: Sendable {
  /// ns since instant zero.
  private(set) var pieceStart: Int64
  private var pieceLength: Double = 0
  /// Where the clock stands within the piece, ns.
  private var offset: Double = 0
  /// ns of the process' time that are left in the piece.
  private(set) var areaLeftInPiece: Double = 0

  private let factors: [RateProfile.Factor]
  private let start: Int64
  private let horizon: Int64

  /// The product of constants and at most one straight line at the piece's start, and its slope per ns.
  private var value: Double = 1
  private var slope: Double = 0
  /// What the piece has besides: further lines and sines.
  private var curves: [Curve] = []

  private enum Curve: Sendable {
    case line(value: Double, slope: Double)
    /// 1 + amplitude · sin(angle + speed · x)
    case sine(amplitude: Double, angle: Angle, speed: Double)
  }

  init(_ profile: RateProfile, start: Int64, horizon: Double) {
    factors = profile.factors.map { factor in
      switch factor {
      case .diurnal(let weights): .diurnal(Self.meanOne(weights))
      case .weekly(let weights): .weekly(Self.meanOne(weights))
      case .sinusoid, .steps: factor
      }
    }
    self.start = start
    self.horizon = horizon < 9.2e18 ? Int64(horizon) : .max
    pieceStart = 0
    enterPiece()
  }

  private static func meanOne(_ weights: [Double]) -> [Double] {
    let mean = weights.reduce(0, +) / Double(weights.count)
    return weights.map { $0 / mean }
  }

  /// Moves on by `amount` ns of the process' own time. The new moment in ns since instant zero, infinity from the
  /// horizon on.
  mutating func advance(by amount: Double) -> Double {
    var amount = amount
    while amount >= areaLeftInPiece {
      amount -= areaLeftInPiece
      guard enterNextPiece() else { return .infinity }
    }
    let before = offset
    offset = min(curves.isEmpty ? before + step(along: amount) : invert(amount), pieceLength)
    areaLeftInPiece -= amount
    return Double(pieceStart) + offset
  }

  /// The way that covers `amount` under the straight line from the present offset.
  private func step(along amount: Double) -> Double {
    let here = value + slope * offset
    return 2 * amount / (here + max(0, here * here + 2 * slope * amount).squareRoot())
  }

  /// The offset by which the integral from the present one is `amount`: Newton, held between brackets that shrink.
  private func invert(_ amount: Double) -> Double {
    var low = offset
    var high = pieceLength
    let here = speed(at: offset)
    var guess = here > 0 ? offset + amount / here : (low + high) / 2
    for _ in 0..<60 {
      if !(guess > low && guess < high) { guess = (low + high) / 2 }
      let miss = integral(from: offset, to: guess) - amount
      if miss > 0 { high = guess } else { low = guess }
      let here = speed(at: guess)
      let change = miss / here
      // The next error is about change² · slope / (2 speed): below a thousandth of a nanosecond for such a change, as a
      // piece is at most 1/64 of a sine's turn, unless the speed is nearly zero.
      let isClose = change.magnitude < (here > 0.01 ? max(0.01, 1e-7 * pieceLength) : 0.01)
      if isClose || high - low < 0.01 { return change.isFinite ? guess - change : guess }
      guess -= change
    }
    return guess
  }

  private func speed(at x: Double) -> Double {
    var product = value + slope * x
    for curve in curves {
      switch curve {
      case .line(let value, let slope): product *= value + slope * x
      case .sine(let amplitude, let angle, let speed): product *= 1 + amplitude * angle.sine(ahead: speed * x)
      }
    }
    return product
  }

  private func integral(from a: Double, to b: Double) -> Double {
    let half = (b - a) / 2
    let middle = a + half
    let node = half * 0.774_596_669_241_483_4  // √(3/5)
    return half * (5 * (speed(at: middle - node) + speed(at: middle + node)) + 8 * speed(at: middle)) / 9
  }

  /// False at the horizon.
  mutating func enterNextPiece() -> Bool {
    let (next, overflow) = pieceStart.addingReportingOverflow(Int64(pieceLength))
    pieceStart = overflow ? horizon : next
    guard pieceStart < horizon else {
      areaLeftInPiece = 0
      pieceLength = 0
      offset = 0
      return false
    }
    enterPiece()
    return true
  }

  private mutating func enterPiece() {
    offset = 0
    value = 1
    slope = 0
    curves.removeAll(keepingCapacity: true)
    var end = horizon
    for factor in factors {
      let piece = shape(of: factor, at: pieceStart)
      end = min(end, piece.end)
      switch piece.curve {
      case .line(let height, 0):
        value *= height
        slope *= height
      case .line(let height, let rise) where slope == 0:
        slope = value * rise
        value *= height
      default: curves.append(piece.curve)
      }
    }
    pieceLength = Double(end - pieceStart)
    areaLeftInPiece =
      curves.isEmpty
      ? (value + slope * pieceLength / 2) * pieceLength : integral(from: 0, to: pieceLength)
  }

  /// A factor's course from `moment` on and where that course ends.
  private func shape(of factor: RateProfile.Factor, at moment: Int64) -> (curve: Curve, end: Int64) {
    let day: Int64 = 86_400_000_000_000
    // Nanoseconds since the Monday or midnight before instant zero.
    let sinceMidnight = Int64(CivilDate.split(secondsSince1970: start).secondOfDay) * 1_000_000_000 + moment % day
    switch factor {
    case .diurnal(let weights):
      let hourLength: Int64 = 3_600_000_000_000
      let (hour, within) = sinceMidnight.quotientAndRemainder(dividingBy: hourLength)
      let from = weights[Int(hour % 24)]
      let rise = (weights[Int((hour + 1) % 24)] - from) / Double(hourLength)
      return (.line(value: from + rise * Double(within), slope: rise), saturated(moment, hourLength - within))
    case .weekly(let weights):
      let days = CivilDate.split(secondsSince1970: start).day + Int(moment / day + sinceMidnight / day)
      let weekday = CivilDate.weekday(daysSince1970: days)
      return (.line(value: weights[weekday], slope: 0), saturated(moment, day - sinceMidnight % day))
    case .sinusoid(let amplitude, let period, let phase):
      let turn = 2 * Double.pi / Double(period.nanoseconds)
      let angle = turn * Double((moment % period.nanoseconds) - (phase.nanoseconds % period.nanoseconds))
      return (
        .sine(amplitude: amplitude, angle: Angle(angle), speed: turn),
        saturated(moment, max(1, period.nanoseconds / 64))
      )
    case .steps(let length, let values, let repeats):
      let index = moment / length.nanoseconds
      let within = moment % length.nanoseconds
      if !repeats, index >= values.count - 1 { return (.line(value: values[values.count - 1], slope: 0), horizon) }
      return (
        .line(value: values[Int(index % Int64(values.count))], slope: 0),
        saturated(moment, length.nanoseconds - within)
      )
    }
  }

  private func saturated(_ moment: Int64, _ length: Int64) -> Int64 {
    let (sum, overflow) = moment.addingReportingOverflow(length)
    return overflow ? horizon : min(sum, horizon)
  }
}
