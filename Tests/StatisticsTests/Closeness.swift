import Testing

/// Both within `tolerance` of each other, relative to the expected one; zero must be met to 1e-12.
func expectClose(
  _ found: Double, _ expected: Double, _ what: String, tolerance: Double = 1e-6,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(
    abs(found - expected) <= max(tolerance * abs(expected), 1e-300) || (expected == 0 && abs(found) < 1e-12),
    "\(what): \(found), expected \(expected), off by \(found / expected - 1)", sourceLocation: location)
}
