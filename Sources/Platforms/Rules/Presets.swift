import Foundation
import Statistics
import Units

extension Platform {
  /// Other platforms, made of the same rules, as far as they publish or others measured how they behave.
  ///
  /// Idle times: Azure 20 min and Huawei 60 s as measured (M. Shilkov; Huawei, EuroSys'25), Cloud Run 15 min
  /// (unconfirmed), OpenWhisk 10 min (its default), Knative's stable window of 60 s (`config-autoscaler`, read 2026-11).
  /// Cold starts as a whole: STeLLAR, IISWC'21 (medians 870 and 1,401 ms, p99 1.8 and 2.6 times that); Huawei's lognormal
  /// of mean 3.24 s. Invocations of one environment: Cloud Run 80 (cloud.google.com/run/docs/about-concurrency, read
  /// 2026-11: by the console, and for one vCPU by the command line), Knative's target of 100 (`config-autoscaler`), Azure's
  /// Flex plan 16 at 2 GB (unconfirmed). Prices stay those of Lambda.
  public static let presets: [(name: String, platform: Platform)] = [
    ("aws-lambda", Platform()),
    (
      "google-cloud-run-functions",
      other(idle: 900, concurrency: 80, coldStart: tailed(median: 0.870, ratio: 1.8))
    ),
    (
      "azure-functions",
      other(idle: 1200, concurrency: 16, coldStart: tailed(median: 1.401, ratio: 2.6))
    ),
    ("openwhisk", other(idle: 600, concurrency: 1, coldStart: nil)),
    ("knative", other(idle: 60, concurrency: 100, coldStart: nil)),
    (
      "huawei-yuanrong",
      other(idle: 60, concurrency: 1, coldStart: .lognormal(mu: 0.2965, sigma: 1.326))
    ),
  ]

  /// - Parameter coldStart: all that a cold start takes; nil to have it made up as Lambda's.
  private static func other(idle: Double, concurrency: Int, coldStart: Distribution?) -> Platform {
    var rule = FunctionRule(pattern: "*")
    if let coldStart {
      rule.initDuration = .constant(0)
      rule.platformOverhead = coldStart
    }
    if concurrency > 1 { rule.behaviour.sharing = EnvironmentSharing(concurrency: concurrency) }
    return Platform(
      accountConcurrency: nil, keepAlive: KeepAlive(.constant(idle)), maximumLifetime: nil,
      rules: [rule])
  }

  /// The lognormal law with a median, s, and a 99th percentile so many times that.
  private static func tailed(median: Double, ratio: Double) -> Distribution {
    .lognormal(mu: log(median), sigma: log(ratio) / 2.3263478740408408)
  }
}
