import Diagnostics
import Testing

@testable import Scenarios

@Suite("What is wrong with a scenario is said with its place")
struct ScenarioFaultTests {
  /// What the decoder says of a text, in one line.
  private func verdict(_ yaml: String) -> String {
    do {
      let scenario = try Scenario(decoding: Array(yaml.utf8), file: "s.yaml")
      return "taken as \(scenario.name)"
    } catch {
      return error.description
    }
  }

  @Test("a broken file, as a file")
  func documents() {
    let cases: [(yaml: String, says: String)] = [
      ("", "s.yaml: found an empty file, expected a scenario; \(Document.smallest)"),
      ("# only a comment\n", "s.yaml: found an empty file, expected a scenario; \(Document.smallest)"),
      ("hello", "s.yaml:1: found \"hello\", expected a mapping with workload:, platform: and functions:"),
      ("- a\n", "s.yaml:1: found a list, expected a mapping with workload:, platform: and functions:"),
      ("{}", "s.yaml:1: found no workload, expected one; \(Document.smallest)"),
      (
        "workload: {azure-2021: t.csv}\n---\nworkload: {azure-2021: t.csv}\n",
        "s.yaml:2: found a second document (---), expected one document a file; move it to a file of its own"
      ),
      (
        "workload: {azure-2021: t.csv}\nseed: 1\nseed: 2\n",
        "s.yaml:2: seed: found the key twice in one mapping, expected each key once; remove one of the two"
      ),
      (
        "workload: {azure-2021: t.csv}\nplatform:\n\tregion: x\n",
        "s.yaml:3: found a YAML error (while scanning for the next token: found character that cannot start any token), "
          + "expected well-formed YAML; indent with spaces, not tabs"
      ),
      (
        "workload: {azure-2021: t.csv}\nfunctions:\n  *: {memory: 128}\n",
        "s.yaml:3: found a YAML error (while scanning an alias: did not find expected alphabetic or numeric character), "
          + "expected well-formed YAML; put patterns with * in quotes: \"*\""
      ),
      (
        "workload: {azure-2021: t.csv\n",
        "s.yaml:2: found a YAML error (while parsing a flow mapping: did not find expected ',' or '}'), "
          + "expected well-formed YAML"
      ),
      ("? {a: 1}\n: b\n", "s.yaml:1: found a mapping as a key, expected a name"),
      ("? [&a x, *a]\n: b\n", "s.yaml:1: found an alias or a collection as a key, expected plain names as keys"),
    ]
    for (yaml, says) in cases { #expect(verdict(yaml) == says, "\(yaml)") }
  }

  @Test("bytes that are no text, and files that are no scenario by size")
  func bytes() {
    for (bytes, says) in [
      ([0xFF, 0xFE, 0x41, 0x00] as [UInt8], "found bytes that are not UTF-8 text"),
      ([0x61, 0x00, 0x62], "found a YAML error (control characters are not allowed)"),
      ([UInt8](repeating: 0x20, count: Document.largestSize + 1), "found more than 4 MB"),
    ] {
      let fault = #expect(throws: InputFault.self) { try Scenario(decoding: bytes, file: "s.yaml") }
      #expect(fault?.description.contains(says) == true, "\(fault?.description ?? "")")
    }
  }

  @Test("a byte-order mark and CRLF line ends are no fault")
  func windowsFiles() throws {
    let yaml = "\u{FEFF}name: day\r\nworkload:\r\n  azure-2021: t.csv\r\n"
    #expect(try Scenario(decoding: Array(yaml.utf8), file: "s.yaml").name == "day")
  }

  @Test("aliases are followed, but not into billions of values")
  func aliasBomb() {
    var yaml = "workload: {azure-2021: t.csv}\nx0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1...30 {
      yaml += "x\(level): &x\(level) [" + Array(repeating: "*x\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(
      verdict(yaml)
        == "s.yaml: found more than \(Document.mostValues) values once aliases are followed, expected a scenario")
    #expect(
      verdict(yaml + "? *x30\n: 1\n")
        == "s.yaml:33: found an alias or a collection as a key, expected plain names as keys")
    #expect(verdict("workload: " + String(repeating: "[", count: 100_000)).contains("s.yaml:1: found a YAML error"))
    let good = "workload: {azure-2021: t.csv}\nfunctions: {a: {init: &law {uniform: [1s, 2s]}}, b: {init: *law}}\n"
    #expect(verdict(good) == "taken as s")
  }

  private let laws = LawKey.names.joined(separator: ", ")

  @Test("keys and values that the platform does not have")
  func platform() {
    let cases: [(yaml: String, says: String)] = [
      (
        "nmae: x",
        "s.yaml:2: nmae: found an unknown key, expected a known one; did you mean 'name'?"
      ),
      (
        "name: a/b",
        "s.yaml:2: name: found \"a/b\", expected a name that can be a directory's: no slash, no control "
          + "characters, not starting with a dot"
      ),
      (
        "name: ..",
        "s.yaml:2: name: found \"..\", expected a name that can be a directory's: no slash, no control "
          + "characters, not starting with a dot"
      ),
      (
        "name:",
        "s.yaml:2: name: found nothing, expected a name that can be a directory's: no slash, no "
          + "control characters, not starting with a dot"
      ),
      (
        "seed: -1",
        "s.yaml:2: seed: found \"-1\", expected a seed, a whole number from 0 to 18446744073709551615"
      ),
      (
        "seed: 1.5",
        "s.yaml:2: seed: found \"1.5\", expected a seed, a whole number from 0 to 18446744073709551615"
      ),
      (
        "replications: 0",
        "s.yaml:2: replications: found \"0\", expected a number of replications, 1 to 100000"
      ),
      (
        "platform: fast",
        "s.yaml:2: platform: found \"fast\", expected a mapping with region:, account-concurrency:, "
          + "keep-alive: and so on"
      ),
      (
        "platform:\n  acount-concurrency: 5",
        "s.yaml:3: platform.acount-concurrency: found an unknown key, expected a known one; did you "
          + "mean 'account-concurrency'?"
      ),
      (
        "platform: {account-concurrency: 0}",
        "s.yaml:2: platform.account-concurrency: found \"0\", expected a number or unlimited, 1 to "
          + "2147483647"
      ),
      (
        "platform: {account-concurrency: many}",
        "s.yaml:2: platform.account-concurrency: found \"many\", expected a number or unlimited, 1 to "
          + "2147483647"
      ),
      (
        "platform: {reuse: lru}",
        "s.yaml:2: platform.reuse: found \"lru\", expected an order of reuse: most-recently-used, "
          + "least-recently-used, newest-created, oldest-created, random"
      ),
      (
        "platform: {reuse: most-recent-used}",
        "s.yaml:2: platform.reuse: found \"most-recent-used\", expected an order of reuse: "
          + "most-recently-used, least-recently-used, newest-created, oldest-created, random; did you "
          + "mean 'most-recently-used'?"
      ),
      (
        "platform: {keep-alive: 600}",
        "s.yaml:2: platform.keep-alive: found \"600\", expected a duration with its unit, such as "
          + "250ms, 1.5s or 2h; write 600s for seconds or 600ms for milliseconds"
      ),
      (
        "platform: {keep-alive: 10min}",
        "s.yaml:2: platform.keep-alive: found \"10min\", expected a duration with its unit, such as "
          + "250ms, 1.5s or 2h; the unit is written m"
      ),
      (
        "platform: {keep-alive: 200000d}",
        "s.yaml:2: platform.keep-alive: found \"200000d\", expected a duration with its unit, such as 250ms, 1.5s or 2h; "
          + "the longest duration is 292 years"
      ),
      (
        "platform: {keep-alive: -5s}",
        "s.yaml:2: platform.keep-alive: found \"-5s\", expected a duration that is not negative"
      ),
      (
        "platform: {keep-alive: {uniform: [1s, 2s], deper: 5s}}",
        "s.yaml:2: platform.keep-alive.deper: found an unknown key, expected a known one; did you "
          + "mean 'deeper'?"
      ),
      (
        "platform: {keep-alive: {deeper: 5s}}",
        "s.yaml:2: platform.keep-alive: found no law, expected exactly one of \(laws)"
      ),
      (
        "platform: {maximum-lifetime: 0s}",
        "s.yaml:2: platform.maximum-lifetime: found \"0s\", expected a lifetime above zero, or unlimited"
      ),
      (
        "functions: [a]",
        "s.yaml:2: functions: found a list, expected a mapping from names or patterns to settings, as "
          + "in \"*\": {memory: 1024}"
      ),
      (
        "functions:\n  a: {memory: 64}",
        "s.yaml:3: functions.a.memory: found \"64\", expected memory in whole MB, 128 to 10240"
      ),
      (
        "functions:\n  a:\n    memory: 10241",
        "s.yaml:4: functions.a.memory: found \"10241\", expected memory in whole MB, 128 to 10240"
      ),
      (
        "functions: {a: {memory: nan}}",
        "s.yaml:2: functions.a.memory: found \"nan\", expected memory in whole MB, 128 to 10240"
      ),
      (
        "functions: {a: {memory: 1e300}}",
        "s.yaml:2: functions.a.memory: found \"1e300\", expected memory in whole MB, 128 to 10240"
      ),
      (
        "functions: {a: {memory: [128]}}",
        "s.yaml:2: functions.a.memory: found a list, expected memory in whole MB, 128 to 10240"
      ),
      (
        "functions: {a: {architecture: arm}}",
        "s.yaml:2: functions.a.architecture: found \"arm\", expected an architecture: x86_64, arm64"
      ),
      (
        "functions: {a: {timeout: 16m}}",
        "s.yaml:2: functions.a.timeout: found \"16m\", expected a timeout from 1s to 15m"
      ),
      (
        "functions: {a: {reserved-concurrency: -1}}",
        "s.yaml:2: functions.a.reserved-concurrency: found \"-1\", expected a concurrency, 0 to 2147483647"
      ),
      (
        "functions: {a: {reserved-concurrency: 5, provisioned-concurrency: 6}}",
        "s.yaml:2: functions.a.provisioned-concurrency: found \"6\", expected at most the reserved "
          + "concurrency, 5; Lambda takes provisioned environments out of the reserved concurrency"
      ),
      (
        "functions: {\"*\": 5}",
        "s.yaml:2: functions.*: found \"5\", expected settings such as {memory: 1024, timeout: 30s}"
      ),
    ]
    for (yaml, says) in cases { #expect(verdict("workload: {azure-2021: t.csv}\n" + yaml + "\n") == says) }
  }

  @Test("laws that are none")
  func noLaws() {
    let cases: [(yaml: String, says: String)] = [
      (
        "",
        ": found nothing, expected a duration such as 250ms, or a law such as {lognormal: {median: "
          + "145ms, p99: 216ms}}"
      ),
      (
        "[1s]",
        ": found a list, expected a duration such as 250ms, or a law such as {lognormal: {median: "
          + "145ms, p99: 216ms}}"
      ),
      (
        "{}",
        ": found no law, expected exactly one of \(laws)"
      ),
      (
        "{constant: 1s, exponential: 1s}",
        ": found constant and exponential, expected exactly one of \(laws)"
      ),
      (
        "{normal: {mean: 1s}}",
        ".normal: found an unknown key, expected a known one; did you mean 'lognormal'?"
      ),
      (
        "{uniform: [1s]}",
        ".uniform: found a list of 1, expected two durations, the lower one first: [620s, 655s]"
      ),
      (
        "{uniform: [2s, 1s]}",
        ".uniform: found 2s before 1s, expected two durations, the lower one first: [620s, 655s]"
      ),
      (
        "{uniform: [1, 2s]}",
        ".uniform[0]: found \"1\", expected a duration with its unit, such as 250ms, 1.5s or 2h; write "
          + "1s for seconds or 1ms for milliseconds"
      ),
      (
        "{exponential: 0s}",
        ".exponential: found \"0s\", expected a mean above zero"
      ),
      (
        "{exponential: {men: 1s}}",
        ".exponential.men: found an unknown key, expected a known one; did you mean 'mean'?"
      ),
      (
        "{exponential: {}}",
        ".exponential: found no mean, expected a mean, as in {exponential: {mean: 2s}}"
      ),
      (
        "{lognormal: 5s}",
        ".lognormal: found \"5s\", expected a mapping with two parameters of a lognormal law (two of "
          + "mean, median and percentiles, or one of them with sigma or cv)"
      ),
      (
        "{lognormal: {median: 1s}}",
        ".lognormal: found median, expected two of mean, median and percentiles, or one of them with "
          + "sigma or cv"
      ),
      (
        "{lognormal: {median: 1s, p99: 2s, cv: 1}}",
        ".lognormal: found median, p99, cv, expected two of mean, median and percentiles, or one of "
          + "them with sigma or cv"
      ),
      (
        "{lognormal: {median: 2s, p99: 1s}}",
        ".lognormal: found median 2s, p99 1s, expected p99 above the median"
      ),
      (
        "{lognormal: {median: 2s, mean: 1s}}",
        ".lognormal: found median 2s, mean 1s, expected a mean above the median"
      ),
      (
        "{lognormal: {p99: 200s, mean: 1s}}",
        ".lognormal: found p99 200s, mean 1s, expected a p99 at most 14.96 times the mean, which is "
          + "as far as a lognormal law goes"
      ),
      (
        "{lognormal: {median: 2s, cv: nan}}",
        ".lognormal.cv: found \"nan\", expected a coefficient of variation, a number that is not negative"
      ),
      (
        "{lognormal: {median: 2s, cv: -1}}",
        ".lognormal.cv: found \"-1\", expected a coefficient of variation, a number that is not negative"
      ),
      (
        "{lognormal: {median: 2s, cv: 0}}",
        ".lognormal: found median 2s, cv 0, expected parameters greater than zero"
      ),
      (
        "{lognormal: {median: 0s, cv: 1}}",
        ".lognormal: found median 0s, cv 1, expected parameters greater than zero"
      ),
      (
        "{lognormal: {medain: 2s, cv: 1}}",
        ".lognormal.medain: found an unknown key, expected a known one or a percentile such as p99; "
          + "did you mean 'median'?"
      ),
      (
        "{lognormal: {median: 2s, p100: 3s}}",
        ".lognormal: found median 2s, p100 3s, expected percentiles between p0 and p100, both excluded"
      ),
      (
        "{lognormal: {median: 2s, p101: 3s}}",
        ".lognormal.p101: found an unknown key, expected a known one or a percentile such as p99; "
          + "known are cv, mean, median, sigma"
      ),
      (
        "{loglogistic: {mean: 2s, shape: 1}}",
        ".loglogistic: found mean 2s, shape 1, expected a shape above 1, for only then has a "
          + "loglogistic law a mean"
      ),
      (
        "{mixture: []}",
        ".mixture: found an empty list, expected a list of laws with weights: [{weight: 9, constant: "
          + "20ms}, {weight: 1, exponential: 2s}]"
      ),
      (
        "{mixture: [{weight: 0, constant: 1s}]}",
        ".mixture[0]: found a weight of zero, expected a weight above zero"
      ),
      (
        "{mixture: [{weight: inf, constant: 1s}]}",
        ".mixture[0].weight: found \"inf\", expected a weight, a number that is not negative"
      ),
      (
        "{mixture: [{weight: 2}]}",
        ".mixture[0]: found no law, expected exactly one of \(laws)"
      ),
      (
        "{empirical: []}",
        ".empirical: found an empty list, expected a list of durations, or percentiles such as {p0: "
          + "10ms, p50: 30ms, p100: 2s}"
      ),
      (
        "{empirical: {p50: 2s, p90: 1s}}",
        ".empirical: found percentiles that fall, expected percentiles that rise from p0 to p100"
      ),
      (
        "{empirical: {mean: 2s}}",
        ".empirical.mean: found an unknown key, expected a percentile, p0 to p100"
      ),
    ]
    for (yaml, says) in cases {
      let found = verdict("workload: {azure-2021: t.csv}\nfunctions:\n  a: {init: \(yaml)}\n")
      #expect(found == "s.yaml:3: functions.a.init" + says)
    }
  }
}
