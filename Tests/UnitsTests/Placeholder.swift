import Testing

@testable import Units
