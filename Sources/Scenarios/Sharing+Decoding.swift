import Diagnostics
import Platforms
import Units

enum TenantsKey: String, EntryKey {
  case count
  case skew
}

enum ManagedKey: String, EntryKey {
  case concurrency
  case minimum
  case maximum
  case processors
  case processorsPerInvocation = "processors-per-invocation"
  case target
  case period
  case delay
}

extension Entry {
  /// Tenants that are kept apart: how many, and how unequal.
  func tenantIsolation() throws(InputFault) -> TenantIsolation {
    let fields = try Fields<TenantsKey>(self, "tenants such as {count: 200, skew: 1}")
    return TenantIsolation(
      tenants: try fields.require(.count, "a number of tenants").integer(in: 1...1_000_000, "tenants"),
      skew: try fields[.skew]?.number("a skew") ?? 0)
  }

  func managedInstances() throws(InputFault) -> ManagedInstances {
    let fields = try Fields<ManagedKey>(self, "managed instances such as {concurrency: 16, minimum: 3, maximum: 40}")
    var managed = ManagedInstances()
    let environments = 0...15_000
    if let entry = fields[.concurrency] { managed.concurrency = try entry.integer(in: 1...1600, "a concurrency") }
    if let entry = fields[.minimum] { managed.minimum = try entry.integer(in: environments, "environments") }
    if let entry = fields[.maximum] { managed.maximum = try entry.integer(in: environments, "environments") }
    guard managed.minimum <= managed.maximum, managed.minimum > 0 || managed.maximum == 0 else {
      throw fault(
        "a minimum of \(managed.minimum) and a maximum of \(managed.maximum)",
        expected: "a minimum from 1 to the maximum, or both 0 for a function that is switched off")
    }
    if let entry = fields[.processors] {
      managed.processors = try entry.number("vCPUs")
      guard (1...192).contains(managed.processors) else { throw entry.fault(expected: "1 to 192 vCPUs") }
    }
    if let entry = fields[.processorsPerInvocation] { managed.processorsPerInvocation = try entry.number("vCPUs") }
    if let entry = fields[.target] {
      managed.target = try entry.share("a utilisation")
      guard managed.target > 0 else { throw entry.fault(expected: "a utilisation above 0") }
    }
    if let entry = fields[.period] { managed.period = try entry.positiveDuration("a period") }
    if let entry = fields[.delay] { managed.delay = try entry.distribution() }
    return managed
  }
}
