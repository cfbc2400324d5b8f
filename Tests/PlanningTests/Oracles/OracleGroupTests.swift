import Foundation
import TestSupport
import Testing

/// Every group of reference values is simulated, or the reason why not stands in docs/oracles.md and here.
@Suite("Groups of reference values", .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
struct OracleGroupTests {
  /// Held against simulations in this folder.
  static let simulated: Set = [
    "MGinf_occupancy", "MMinf_transient_from_empty", "Mt_M_inf_sinusoid", "Mt_D_inf_sinusoid", "erlangB_loss",
    "overflow_moments_kosten_riordan", "erlangC_queue", "MG1_pollaczek_khinchine", "MG1_keepalive_setup",
    "pool_mru_deterministic_keepalive", "pool_mru_deterministic_keepalive_limit_loss",
    "pool_exponential_keepalive_any_policy", "pool_exponential_keepalive_setup_bound", "pool_provisioned_then_mru",
    "provisioned_concurrency_curve_lam2_S1_tau60", "renewal_single_instance_prewarm_keepalive",
    "billed_duration_mean", "arrival_process_moments", "mmpp2_idc_finite", "memory_limited_pool_LRU_IRM",
    "sample_path_statistics", "pool_reference_by_long_simulation", "published", "variance_reduction_reference",
  ]

  /// Not simulated, and why.
  static let elsewhere = [
    "lambda_provisioned_breakeven_utilisation": "a ratio of prices; nothing is random",
    "sobol_ishigami_a7_b0.1": "sensitivity indices, which no command computes",
    "ranking_selection": "constants of selection procedures, which no command uses",
    "cfs_quota_wall_time_single_thread_full_first_slice": "nothing is random; PlatformsTests hold it",
    "aws_lambda_2020_measured_20_points": "measured, with an error of its own; estimate is held against it",
    "aws_lambda_2020_trace_replay_11_traces": "a replay of recorded traces, nothing to repeat",
    "lambda_perf_2026": "fits of measured init times",
    "memory_scaling": "fits of measured durations",
    "_meta": "tells where the values come from",
  ]

  @Test("none is forgotten, and none is both")
  func complete() throws {
    for group in try Oracles.groups() {
      #expect(
        Self.simulated.contains(group) != (Self.elsewhere[group] != nil), "group \(group) is neither tested nor excused"
      )
    }
    #expect(Self.simulated.isDisjoint(with: Self.elsewhere.keys))
  }

  @Test("the page lists each")
  func page() throws {
    let package = URL(filePath: #filePath).appending(path: "../../../..").standardized
    let page = try String(contentsOf: package.appending(path: "docs/oracles.md"), encoding: .utf8)
    for group in try Oracles.groups() { #expect(page.contains("`\(group)`"), "docs/oracles.md lacks \(group)") }
  }
}
