extension Meter {
  /// Who sells what is metered.
  public struct Service: Hashable, Sendable {
    public var provider: String
    public var name: String
  }

  /// The provider and its name of the service, as invoices have them.
  public var service: Service {
    switch self {
    case .instances: .init(provider: "AWS", name: "Amazon EC2")
    case .dataOut, .crossZone: .init(provider: "AWS", name: "AWS Data Transfer")
    case .logIngestion: .init(provider: "AWS", name: "Amazon CloudWatch")
    case .fargateProcessors, .fargateMemory: .init(provider: "AWS", name: "AWS Fargate")
    case .appRunnerProcessors, .appRunnerMemory: .init(provider: "AWS", name: "AWS App Runner")
    case .edgeRequests, .edgeDuration: .init(provider: "AWS", name: "Lambda@Edge")
    case .cloudRunRequests, .cloudRunProcessors, .cloudRunMemory: .init(provider: "Google Cloud", name: "Cloud Run")
    case .azureConsumptionRequests, .azureConsumptionDuration, .azureFlexRequests, .azureFlexDuration,
      .azurePremiumProcessors, .azurePremiumMemory:
      .init(provider: "Microsoft", name: "Azure Functions")
    case .oracleRequests, .oracleDuration: .init(provider: "Oracle", name: "OCI Functions")
    case .cloudflareBase, .cloudflareRequests, .cloudflareProcessorTime:
      .init(provider: "Cloudflare", name: "Workers")
    default: .init(provider: "AWS", name: "AWS Lambda")
    }
  }
}
