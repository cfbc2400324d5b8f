/// What an offer says of a product, as far as it tells what is metered and where.
struct OfferProduct {
  var group = ""
  var regionCode = ""
  var location = ""
  var usageType = ""
  var managedInstanceType = ""

  static let attributes = ["group", "regionCode", "location", "usagetype", "lambdaManagedInstanceType"]

  mutating func take(_ attribute: String, _ value: String) {
    switch attribute {
    case "group": group = value
    case "regionCode": regionCode = value
    case "location": location = value
    case "usagetype": usageType = value
    case "lambdaManagedInstanceType": managedInstanceType = value
    default: break
    }
  }

  /// What the product's price is for; nil for what price books don't have.
  ///
  /// The group tells, as AWS's files of 2026 have it; where there is none, the end of the usage type, whose beginning is
  /// the Region's code.
  var item: PriceBook.Item? {
    if !managedInstanceType.isEmpty, usageType.hasSuffix("Management-Hours") {
      return .init(.managedFee, managedInstanceType)
    }
    let isARM = group.hasSuffix("-ARM") || usageType.hasSuffix("-ARM")
    let plainGroup = isARM && group.hasSuffix("-ARM") ? String(group.dropLast(4)) : group
    let plainType = isARM && usageType.hasSuffix("-ARM") ? String(usageType.dropLast(4)) : usageType
    let meter =
      Self.groups[plainGroup]
      ?? Self.usageTypes.first { plainType == $0.suffix || plainType.hasSuffix("-" + $0.suffix) }?.meter
    guard let meter else { return nil }
    return .init(meter, Self.byArchitecture.contains(meter) ? isARM ? "arm64" : "x86_64" : nil)
  }

  /// Whether it is the month's free allowance rather than a price.
  var isAllowance: Bool { regionCode.isEmpty && usageType.hasPrefix("Global-") }

  /// Where the price holds; nil where the product does not say.
  func place(of meter: Meter) -> String? {
    if meter == .edgeRequests || meter == .edgeDuration { return PriceBook.global }
    return regionCode.isEmpty ? nil : regionCode
  }

  private static let byArchitecture: Set<Meter> = [
    .duration, .provisionedConcurrency, .provisionedDuration, .tenantEnvironments,
  ]

  /// AWS Price List, AWSLambda offer, versions of May to September 2026.
  private static let groups: [String: Meter] = [
    "AWS-Lambda-Requests": .requests,
    "AWS-Lambda-Duration": .duration,
    "AWS-Lambda-Provisioned-Concurrency": .provisionedConcurrency,
    "AWS-Lambda-Duration-Provisioned": .provisionedDuration,
    "AWS-Lambda-Storage-Duration": .ephemeralStorage,
    "AWS-Lambda-Processed-Bytes": .responseStreaming,
    "AWS-Lambda-Edge-Requests": .edgeRequests,
    "AWS-Lambda-Edge-Duration": .edgeDuration,
    "AWS-Lambda-Durable-Execution-Operations": .durableOperations,
    "AWS-Lambda-Durable-Execution-Written-Bytes": .durableWrites,
    "AWS-Lambda-Durable-Execution-TimedStorage-ByteHrs": .durableStorage,
    "AWS-Lambda-Event-Poller-Unit-Duration": .kafkaPollers,
    "AWS-Lambda-SQS-Event-Poller-Unit-Duration": .sqsPollers,
  ]

  /// Longer ones first: one is the end of another.
  private static let usageTypes: [(suffix: String, meter: Meter)] = [
    ("Lambda-Managed-Instances-Request", .managedRequests),
    ("Lambda-Provisioned-GB-Second", .provisionedDuration),
    ("Lambda-Provisioned-Concurrency", .provisionedConcurrency),
    ("Lambda-Storage-GB-Second", .ephemeralStorage),
    ("Lambda-Edge-GB-Second", .edgeDuration),
    ("Lambda-Edge-Request", .edgeRequests),
    ("Lambda-Streaming-Response-Processed-Bytes", .responseStreaming),
    ("Lambda-SnapStart-Cached-GB-S", .snapStartCache),
    ("Lambda-SnapStart-Restored-GB", .snapStartRestore),
    ("Lambda-GB-Second", .duration),
    ("Global-Request", .requests),
    ("Request", .requests),
  ]
}
