/// What is counted and priced: whole numbers of a base unit, sold by a larger one.
///
/// The names are those of price books and usage files. Meters of other services than Lambda stand beside Lambda's so that
/// alternatives are priced in the same way.
public enum Meter: String, CaseIterable, Hashable, Sendable {
  // Lambda functions. GB = MB / 1024 (aws.amazon.com/lambda/pricing, 2026-06).
  case requests
  case duration
  /// Provisioned concurrency while it stands enabled, used or not.
  case provisionedConcurrency = "provisioned-concurrency"
  /// What runs in provisioned environments.
  case provisionedDuration = "provisioned-duration"
  /// `/tmp` above 512 MB, while functions run.
  case ephemeralStorage = "ephemeral-storage"
  case snapStartCache = "snapstart-cache"
  case snapStartRestore = "snapstart-restore"
  /// Bytes of each streamed response beyond its first 6 MB.
  case responseStreaming = "response-streaming"
  /// Memory of each environment made for a tenant.
  case tenantEnvironments = "tenant-environments"
  case durableOperations = "durable-operations"
  case durableWrites = "durable-writes"
  case durableStorage = "durable-storage"
  /// Event poller units of provisioned Kafka event sources.
  case kafkaPollers = "kafka-pollers"
  /// Event poller units of provisioned SQS event sources.
  case sqsPollers = "sqs-pollers"

  // Lambda@Edge
  case edgeRequests = "edge-requests"
  case edgeDuration = "edge-duration"

  // Lambda Managed Instances, with EC2's price of their instances; by type of instance.
  case managedRequests = "managed-requests"
  case managedFee = "managed-fee"
  case instances

  // Lambda MicroVMs
  case microVMProcessors = "microvm-vcpu"
  case microVMMemory = "microvm-memory"
  case microVMStorage = "microvm-storage"
  case microVMWrites = "microvm-writes"
  case microVMReads = "microvm-reads"

  // Around functions
  case dataOut = "data-out"
  case crossZone = "cross-zone"
  case logIngestion = "log-ingestion"

  // What else it could run on
  case fargateProcessors = "fargate-vcpu"
  case fargateMemory = "fargate-memory"
  case appRunnerProcessors = "app-runner-vcpu"
  case appRunnerMemory = "app-runner-memory"
  case cloudRunRequests = "cloud-run-requests"
  case cloudRunProcessors = "cloud-run-vcpu"
  case cloudRunMemory = "cloud-run-memory"
  case azureConsumptionRequests = "azure-consumption-executions"
  case azureConsumptionDuration = "azure-consumption-duration"
  case azureFlexRequests = "azure-flex-executions"
  case azureFlexDuration = "azure-flex-duration"
  case azurePremiumProcessors = "azure-premium-vcpu"
  case azurePremiumMemory = "azure-premium-memory"
  case oracleRequests = "oracle-requests"
  case oracleDuration = "oracle-duration"
  case cloudflareBase = "cloudflare-base"
  case cloudflareRequests = "cloudflare-requests"
  case cloudflareProcessorTime = "cloudflare-cpu"
}

extension Meter {
  /// How a meter is counted and sold.
  public struct Unit: Hashable, Sendable {
    /// The unit that has a price: `GB-s`.
    public var name: String
    /// How many base units it holds.
    public var size: Int128
    /// The base unit that is counted: `MB·ms`.
    public var base: String
  }

  public var unit: Unit {
    switch self {
    case .requests, .edgeRequests, .managedRequests, .cloudRunRequests, .oracleRequests, .cloudflareRequests:
      Unit(name: "requests", size: 1, base: "requests")
    case .azureConsumptionRequests, .azureFlexRequests: Unit(name: "executions", size: 1, base: "executions")
    case .durableOperations: Unit(name: "operations", size: 1, base: "operations")
    case .duration, .provisionedConcurrency, .provisionedDuration, .ephemeralStorage, .snapStartCache, .edgeDuration,
      .microVMMemory, .cloudRunMemory, .azureConsumptionDuration, .azureFlexDuration, .oracleDuration:
      Unit(name: "GB-s", size: 1_024_000, base: "MB·ms")
    case .snapStartRestore, .tenantEnvironments: Unit(name: "GB", size: 1024, base: "MB")
    case .responseStreaming, .dataOut, .crossZone, .logIngestion, .microVMWrites, .microVMReads:
      Unit(name: "GB", size: 1 << 30, base: "bytes")
    // AWS's example of durable functions counts a million times 104 KB as 104 GB.
    case .durableWrites: Unit(name: "GB", size: 1_000_000_000, base: "bytes")
    // A month of storage is 30 days in AWS's examples.
    case .durableStorage: Unit(name: "GB-month", size: 1_000_000_000 * Self.month, base: "byte·s")
    case .microVMStorage: Unit(name: "GB-month", size: Self.month << 30, base: "byte·s")
    case .kafkaPollers, .sqsPollers: Unit(name: "unit-hours", size: 3600, base: "unit·s")
    case .managedFee, .instances: Unit(name: "hours", size: 3_600_000, base: "instance·ms")
    case .microVMProcessors, .cloudRunProcessors: Unit(name: "vCPU-s", size: 1_000_000, base: "vCPU/1000·ms")
    case .fargateProcessors, .appRunnerProcessors, .azurePremiumProcessors:
      Unit(name: "vCPU-h", size: 3_600_000_000, base: "vCPU/1000·ms")
    case .fargateMemory, .appRunnerMemory, .azurePremiumMemory:
      Unit(name: "GB-h", size: 3_686_400_000, base: "MB·ms")
    case .cloudflareBase: Unit(name: "months", size: Self.month, base: "s")
    case .cloudflareProcessorTime: Unit(name: "CPU ms", size: 1, base: "ms")
    }
  }

  /// Seconds of the month by which storage and fixed fees are sold.
  private static let month: Int128 = 30 * 86_400

  /// Whether Compute Savings Plans lower the price: duration and provisioned concurrency, not requests
  /// (aws.amazon.com/savingsplans/compute-pricing, 2026-09).
  var takesSavingsPlan: Bool { [.duration, .provisionedConcurrency, .provisionedDuration].contains(self) }
}
