import Diagnostics
import Foundation
import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import Scenarios

@Suite("Rules of the control plane in scenarios")
struct RuleDecodingTests {
  private func scenario(_ yaml: String) throws -> Scenario {
    try Scenario(decoding: Array("workload: {azure-2021: t.csv}\n\(yaml)".utf8), file: "s.yaml")
  }

  private func behaviour(_ yaml: String) throws -> FunctionBehaviour {
    try scenario("functions: {f: {\(yaml)}}").platform.rules[0].behaviour
  }

  @Test("limits by name and one by one")
  func limits() throws {
    func limits(_ yaml: String) throws -> ServiceLimits { try scenario("platform: {limits: \(yaml)}").platform.limits }
    #expect(try scenario("name: x").platform.limits == .none)
    #expect(try limits("none") == .none)
    #expect(try limits("lambda") == .lambda)
    #expect(try limits("lambda-before-2023-11-26") == .lambdaBefore2023)
    #expect(
      try limits("{scaling: {environments: 500, per: 10s}, requests-per-concurrency: 10, init: 8s, restore: 5s}")
        == ServiceLimits(
          scaling: .perFunction(environments: 500, per: .seconds(10)), requestsPerConcurrency: 10,
          initLimit: .seconds(8), restoreLimit: .seconds(5)))
    #expect(
      try limits("{scaling: {burst: 500, per-minute: 500}}").scaling == .account(burst: 500, perMinute: 500))
  }

  @Test("whatever a function may do over time")
  func behaviours() throws {
    var expected = FunctionBehaviour()
    expected.failures = FailureRates(errors: 0.01, crashes: 0.002, outOfMemory: 0.001)
    expected.proactiveInit = 0.1
    expected.deployments = [
      Deployment(at: .hours(1)),
      Deployment(at: .hours(2), shift: .linear(share: 0.1, every: .minutes(2))),
      Deployment(at: .hours(3), shift: .canary(share: 0.2, after: .minutes(7))),
    ]
    #expect(
      try behaviour(
        """
        failures: {errors: 0.01, crashes: 0.002, out-of-memory: 0.001}, proactive-init: 0.1,
        deployments: [1h, {at: 2h, shift: linear-10-percent-every-2-minutes}, {at: 3h, shift: {canary: 0.2, after: 7m}}]
        """) == expected)
    #expect(try behaviour("failures: {}").failures == FailureRates())
    #expect(try !scenario("functions: {f: {timeout: 3s}}").platform.hasFeedback)
    #expect(try scenario("functions: {f: {failures: {}}}").platform.hasFeedback)
    let rule = try scenario("functions: {f: {snap-start: 400ms, suppressed-init: 2s}}").platform.rules[0]
    #expect(rule.restoreDuration == .constant(0.4) && rule.suppressedInit == .constant(2))
    #expect(rule.behaviour.isEmpty)
  }

  @Test("provisioned concurrency over time")
  func provisioning() throws {
    let provisioning = try #require(
      try behaviour(
        """
        provisioning: {schedule: [{at: 1h, level: 5}, {every: 2h, minimum: 1, maximum: 9},
        {cron: "0 8 * * MON-FRI", time-zone: Europe/Berlin, level: 50}], tracking: {target: 0.7, minimum: 1, maximum: 100,
        statistic: maximum, points-out: 2, points-in: 15, cooldown-out: 1m, cooldown-in: 5m, largest-fall: 0.2},
        allocation-delay: 90s, allocation-per-minute: 500}
        """
      ).provisioning)
    #expect(
      provisioning.schedule == [
        ScheduledAction(.at(.hours(1)), minimum: 5, maximum: 5),
        ScheduledAction(.repeating(.every(.hours(2)), timeZone: nil), minimum: 1, maximum: 9),
        ScheduledAction(
          .repeating(.cron(try CronSchedule(parsing: "0 8 * * MON-FRI")), timeZone: "Europe/Berlin"), minimum: 50,
          maximum: 50),
      ])
    var tracking = TargetTracking(target: 0.7, minimum: 1, maximum: 100)
    (tracking.statistic, tracking.pointsOut, tracking.pointsIn) = (.maximum, 2, 15)
    (tracking.cooldownOut, tracking.cooldownIn, tracking.largestFall) = (.minutes(1), .minutes(5), 0.2)
    #expect(provisioning.tracking == tracking)
    #expect(provisioning.allocationDelay == .constant(90) && provisioning.allocationPerMinute == 500)
  }

  @Test("callers, events and users")
  func callers() throws {
    #expect(try behaviour("caller: aws-sdk").caller == .sdkStandard)
    #expect(
      try behaviour(
        """
        caller: {door: rest-api, timeout: 10s, attempts: 5, backoff: {base: 100ms, longest: 5s, jitter: decorrelated},
        budget: {capacity: 100, retry-cost: 2, timeout-cost: 3, refund: 0}}
        """
      ).caller
        == CallerPolicy(
          door: .restAPI, timeout: .seconds(10), attempts: 5,
          backoff: Backoff(base: .milliseconds(100), longest: .seconds(5), jitter: .decorrelated),
          budget: RetryBudget(capacity: 100, retryCost: 2, timeoutCost: 3, refund: 0)))
    #expect(try behaviour("asynchronous: lambda").asynchronous == AsynchronousPolicy())
    #expect(
      try behaviour(
        "asynchronous: {retries: 0, maximum-age: 1h, on-success: event-bridge, on-failure: {function: g, duration: 1s}}"
      ).asynchronous
        == AsynchronousPolicy(
          retries: 0, maximumAge: .hours(1), onSuccess: .service("event-bridge"),
          onFailure: .function("g", duration: .constant(1))))
    #expect(
      try behaviour("users: {count: 50, think-time: 3s, duration: {exponential: 200ms}}").users
        == ClosedLoop(users: 50, thinkTime: .constant(3), duration: .exponential(mean: 0.2)))
  }

  @Test("memory changes the durations of the workload that a scenario opens, and of no other function")
  func measuredMemory() throws {
    let yaml = """
      workload:
        synthetic:
          horizon: 100s
          functions:
            f: {arrivals: {timer: 1s}, duration: 300ms}
            g: {arrivals: {timer: 1s}, duration: 300ms}
      functions:
        f: {memory: 512, measured-memory: 1024, memory-scaling: {fixed-share: 0.25}, duration-factor: 2}
      """
    let workload = try Scenario(decoding: Array(yaml.utf8), file: "s.yaml").openWorkload()
    guard case .generated(let generated) = workload.feed else { return #expect(Bool(false)) }
    let durations = generated.functions.indices.map { index in
      var block = InvocationBlock()
      var generator = generated.generator(index, 1, 0)
      generator.generate(until: generated.horizon, into: &block)
      return Set(block.durations)
    }
    // (0.25 + 0.75 × 2) × 2 × 300 ms
    #expect(durations == [[1_050_000_000], [300_000_000]])
  }

  @Test("a quota's periods show in durations, what lacks memory is slower, and so is what ran on another processor")
  func shortWork() throws {
    func rule(_ yaml: String) throws -> FunctionRule {
      try scenario("functions: {f: {memory: 128, measured-memory: 1769, \(yaml)}}").platform.rules[0]
    }
    #expect(
      try rule("memory-scaling: {quota: lambda}").shortWorkQuota
        == ProcessorQuota(share: 1, period: 0.02, tick: 0.004, slice: 0.005))
    #expect(
      try rule("memory-scaling: {quota: {period: 100ms, tick: 1ms, slice: 2ms}}").shortWorkQuota
        == ProcessorQuota(share: 1, period: 0.1, tick: 0.001, slice: 0.002))
    #expect(
      try rule("memory-scaling: {pressure: {live: 60, weight: 0.5}}").memoryScaling?.pressure
        == MemoryPressure(live: 60, weight: 0.5))
    #expect(try rule("measured-architecture: arm64").measuredArchitecture == .arm)

    // An invocation of 2 ms is not held up by a share of 7 %, one of 200 ms is.
    let yaml = """
      workload: {synthetic: {horizon: 100s, functions: {
        short: {arrivals: {timer: 1s}, duration: 2ms}, long: {arrivals: {timer: 1s}, duration: 200ms}}}}
      functions: {"*": {memory: 512, measured-memory: 1769, memory-scaling: {quota: lambda}}}
      """
    let workload = try Scenario(decoding: Array(yaml.utf8), file: "s.yaml").openWorkload()
    guard case .generated(let generated) = workload.feed else { return #expect(Bool(false)) }
    for (index, function) in generated.functions.enumerated() {
      var block = InvocationBlock()
      var generator = generated.generator(index, 1, 0)
      generator.generate(until: generated.horizon, into: &block)
      let mean = block.durations.reduce(0) { $0 + Double($1) } / Double(block.count)
      if function.name == "short" {
        #expect((mean - 2e6).magnitude < 1e3)
      } else {
        #expect((mean / 200e6 / (1769.0 / 512) - 1).magnitude < 0.06)
        #expect(Set(block.durations).count > 3)
      }
    }
  }

  @Test("state machines and durable functions")
  func machines() throws {
    let machine = try behaviour(
      """
      state-machine: [{task: a, duration: 1s, retry: step-functions, catch: true}, {wait: 1m},
      {parallel: [[{task: b, duration: 2s}], [{wait: 3s}]]}, {map: [{task: c, duration: 1s}], count: 20, at-once: 5},
      {choice: [{probability: 0.1, states: [{wait: 1h}]}]}]
      """
    ).stateMachine
    func task(_ name: String, _ seconds: Double) -> StateMachine.State {
      .task(StateMachine.Task(function: name, duration: .constant(seconds)))
    }
    #expect(
      machine
        == StateMachine([
          .task(
            StateMachine.Task(
              function: "a", duration: .constant(1), retry: .stepFunctions, isCaught: true)),
          .wait(.constant(60)), .parallel([[task("b", 2)], [.wait(.constant(3))]]),
          .map(StateMachine.Map([task("c", 1)], count: 20, atOnce: 5)),
          .choice([StateMachine.Choice(probability: 0.1, [.wait(.constant(3600))])]),
        ]))
    #expect(
      try behaviour("durable: {stages: [{wait: 1h, work: 300ms}], retry: {attempts: 2}}").durable
        == DurablePlan(
          [.init(wait: .constant(3600), work: .constant(0.3))], retry: CallerPolicy(attempts: 2)))
  }

  @Test("environments that are shared, kept apart or managed, and other platforms")
  func sharing() throws {
    #expect(
      try behaviour("environment-concurrency: 80").sharing == EnvironmentSharing(concurrency: 80))
    #expect(
      try behaviour("tenants: {count: 200, skew: 1}").tenants
        == TenantIsolation(tenants: 200, skew: 1))
    #expect(
      try behaviour(
        """
        managed-instances: {concurrency: 16, minimum: 5, maximum: 20, processors: 2, processors-per-invocation: 0.1,
        target: 0.7, period: 10s, delay: 90s}
        """
      ).managed
        == ManagedInstances(
          concurrency: 16, minimum: 5, maximum: 20, processors: 2, processorsPerInvocation: 0.1,
          target: 0.7,
          period: .seconds(10), delay: .constant(90)))
    let knative = try scenario(
      "platform: {preset: knative, keep-alive: 90s}\nfunctions: {f: {memory: 512}}"
    ).platform
    #expect(knative.keepAlive == KeepAlive(.constant(90)) && knative.accountConcurrency == nil)
    let settings = knative.settings(for: "f")
    #expect(
      settings.memory.megabytes == 512
        && settings.behaviour.sharing == EnvironmentSharing(concurrency: 100))
    #expect(try scenario("platform: {preset: aws-lambda}").platform == Platform())
    let huawei = try scenario("platform: {preset: huawei-yuanrong}").platform
    #expect(huawei.keepAlive == KeepAlive(.constant(60)) && !huawei.hasFeedback)
    // STeLLAR's p99 of a cold start on Azure: 2.6 times its median.
    let azure = try scenario("platform: {preset: azure-functions}").platform.settings(for: "f")
    guard case .lognormal(let mu, let sigma) = azure.platformOverhead else { return #expect(Bool(false)) }
    #expect(abs(mu + 2.3263478740408408 * sigma - log(1.401 * 2.6)) < 1e-9)
  }

  @Test("keep-alive policies of the literature")
  func policies() throws {
    func policy(_ yaml: String) throws -> KeepAlivePolicy? {
      try scenario("platform: {keep-alive-policy: \(yaml)}").platform.policy
    }
    #expect(try policy("hybrid-histogram") == .hybridHistogram(HybridHistogram()))
    #expect(try policy("clairvoyant") == .clairvoyant)
    #expect(try policy("{greedy-dual: {memory: 64GB}}") == .caching(.greedyDual, memory: MemorySize(megabytes: 65_536)))
    for order in EvictionOrder.allCases {
      #expect(try policy("{\(order.rawValue): {memory: 2048}}") == .caching(order, memory: MemorySize(megabytes: 2048)))
    }
    #expect(
      try policy(
        """
        {hybrid-histogram: {bin: 2m, range: 2h, head: 0.1, tail: 0.9, margin: 0.2, representative: 1, out-of-bounds: 0.6,
        forecast-margin: 0.2, samples: 5}}
        """)
        == .hybridHistogram(
          HybridHistogram(
            bin: .minutes(2), range: .hours(2), head: 0.1, tail: 0.9, margin: 0.2, representative: 1, outOfBounds: 0.6,
            forecastMargin: 0.2, samples: 5)))
  }

  @Test("what can't be together, and what is mistyped, is said")
  func faults() {
    let cases: [(yaml: String, says: String)] = [
      (
        "functions: {f: {tenants: {count: 2}, provisioned-concurrency: 5}}",
        "s.yaml:2: functions.f.tenants: found tenants with provisioned-concurrency, expected one of them"
      ),
      (
        "functions: {f: {managed-instances: {minimum: 0}}}",
        "s.yaml:2: functions.f.managed-instances: found a minimum of 0 and a maximum of 15000, expected a minimum from 1 "
          + "to the maximum, or both 0 for a function that is switched off"
      ),
      (
        "functions: {f: {state-machine: [{task: a}]}}",
        "s.yaml:2: functions.f.state-machine[0]: found no duration, expected what the function takes"
      ),
      (
        "functions: {f: {state-machine: [{wait: 1s, count: 3}]}}",
        "s.yaml:2: functions.f.state-machine[0].count: found count in a state of kind wait, expected it elsewhere"
      ),
      (
        "functions: {f: {state-machine: [{duration: 1s}]}}",
        "s.yaml:2: functions.f.state-machine[0]: found 0 kinds of state, expected one of task, wait, parallel, map, choice"
      ),
      (
        "platform: {keep-alive-policy: hybrid-histogramm}",
        "s.yaml:2: platform.keep-alive-policy: found \"hybrid-histogramm\", expected hybrid-histogram, clairvoyant, or one "
          + "such as {greedy-dual: {memory: 64GB}}; did you mean 'hybrid-histogram'?"
      ),
      (
        "platform: {preset: knativ}",
        "s.yaml:2: platform.preset: found \"knativ\", expected one of aws-lambda, google-cloud-run-functions, "
          + "azure-functions, openwhisk, knative, huawei-yuanrong; did you mean 'knative'?"
      ),
    ]
    for (yaml, says) in cases {
      do {
        _ = try scenario(yaml)
        Issue.record("taken: \(yaml)")
      } catch {
        #expect("\(error)" == says)
      }
    }
  }

  @Test("calls to other functions")
  func calls() throws {
    #expect(
      try behaviour(
        "calls: [{function: g, duration: 1s}, {function: h, mode: asynchronous, probability: 0.2, count: 3, duration: 2s}]"
      ).calls == [
        FunctionCall(function: "g", duration: .constant(1)),
        FunctionCall(function: "h", isAsynchronous: true, probability: 0.2, count: 3, duration: .constant(2)),
      ])
  }

  @Test("rules of a pattern and of a name join; the name's win")
  func joined() throws {
    let platform = try scenario(
      """
      functions:
        "*": {failures: {errors: 0.5}, proactive-init: 0.1}
        f: {failures: {errors: 0.2}, caller: aws-sdk}
      """
    ).platform
    let settings = platform.settings(for: "f")
    #expect(settings.behaviour.failures?.errors == 0.2)
    #expect(settings.behaviour.proactiveInit == 0.1)
    #expect(settings.behaviour.caller == .sdkStandard)
    #expect(platform.settings(for: "g").behaviour.caller == nil)
  }

  @Test(
    "what is wrong is said with its place",
    arguments: [
      (
        "platform: {limits: lamda}",
        """
        platform.limits: found "lamda", expected none, lambda, lambda-before-2023-11-26, or a mapping with scaling, \
        requests-per-concurrency, init, restore; did you mean 'lambda'?
        """
      ),
      (
        "platform: {limits: {scaling: {environments: 5, per-minute: 5}}}",
        """
        platform.limits.scaling: found a mapping, expected {environments: 1000, per: 10s} for each function, or \
        {burst: 3000, per-minute: 500} for the account
        """
      ),
      (
        "functions: {f: {failures: {errors: 0.9, crashes: 0.2}}}",
        "functions.f.failures: found shares that add up to more than 1, expected shares of all invocations"
      ),
      (
        "functions: {f: {proactive-init: 2}}",
        """
        functions.f.proactive-init: found "2", expected new environments initialised ahead, a share from 0 to 1
        """
      ),
      (
        "functions: {f: {deployments: [2h, 1h]}}",
        "functions.f.deployments[1]: found a deployment at 1h after one at 2h, expected times that rise"
      ),
      (
        "functions: {f: {snap-start: 1s, provisioned-concurrency: 1}}",
        """
        functions.f.snap-start: found SnapStart with provisioned concurrency, expected one of them; Lambda does not \
        allow both
        """
      ),
      (
        "functions: {f: {caller: aws-sdk, asynchronous: lambda}}",
        """
        functions.f.asynchronous: found asynchronous and caller, expected one of them; nobody waits for an asynchronous \
        invocation
        """
      ),
      (
        "functions: {f: {asynchronous: {maximum-age: 7h}}}",
        "functions.f.asynchronous.maximum-age: found \"7h\", expected an age from 1m to 6h"
      ),
      (
        "functions: {f: {provisioning: {}}}",
        "functions.f.provisioning: found neither schedule nor tracking, expected one of them, or both"
      ),
      (
        "functions: {f: {provisioning: {schedule: [{at: 1h, cron: \"* * * * *\", level: 1}]}}}",
        "functions.f.provisioning.schedule[0]: found a mapping, expected exactly one of at, every, cron"
      ),
      (
        "functions: {f: {provisioning: {schedule: [{cron: \"0 8 * * *\", time-zone: Berlin, level: 1}]}}}",
        """
        functions.f.provisioning.schedule[0].time-zone: found "Berlin", expected a time zone such as Europe/Berlin; \
        names are those of the tz database
        """
      ),
      (
        "functions: {f: {provisioning: {tracking: {target: 0.95, minimum: 1, maximum: 2}}}}",
        "functions.f.provisioning.tracking.target: found \"0.95\", expected a utilisation from 0.1 to 0.9"
      ),
      (
        "functions: {f: {provisioning: {tracking: {target: 0.7, minimum: 3, maximum: 2}}}}",
        "functions.f.provisioning.tracking.maximum: found \"2\", expected at least the minimum, 3"
      ),
      (
        "functions: {f: {deployments: [1h], provisioning: {version: 2}}}",
        "functions.f.provisioning.version: found \"2\", expected a version, 0 for the first, 0 to 1"
      ),
      (
        "functions: {f: {memory: 128, measured-memory: 1024, memory-scaling: {pressure: {live: 200, weight: 1}}}}",
        "functions.f.memory-scaling.pressure: found a mapping, expected less live memory than the function has, 128 MB"
      ),
      (
        "functions: {f: {measured-memory: 1024, memory-scaling: {parallelism: 2, quota: lambda}}}",
        """
        functions.f.memory-scaling.quota: found a quota with parallelism 2.0, expected one of them: the quota is for \
        one thread
        """
      ),
      (
        "functions: {f: {measured-memory: 1024, memory-scaling: {quota: {period: 2s}}}}",
        "functions.f.memory-scaling.quota.period: found \"2s\", expected from 1ms to 1s"
      ),
      (
        "functions: {f: {users: {count: 0, think-time: 1s, duration: 1s}}}",
        "functions.f.users.count: found \"0\", expected a number of users, 1 to 10000000"
      ),
    ])
  func faults(yaml: String, says: String) {
    let fault = #expect(throws: InputFault.self) { try scenario(yaml) }
    #expect(fault?.description == "s.yaml:2: \(says)")
  }
}
