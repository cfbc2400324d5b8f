import Diagnostics
import Foundation
import Testing

@Suite("Estimates on the command line")
struct EstimateTests {
  let program: Program

  init() throws { program = try Program() }

  @Test("a pool in text and in JSON, each figure with how exact it is")
  func pool() throws {
    defer { program.remove() }
    let arguments = ["estimate", "pool", "--rate", "60/m", "--service", "1s", "--keep-alive", "2s", "--limit", "1"]
    let text = try run(arguments)
    #expect(text.status == 0)
    #expect(text.error.isEmpty)
    // One place: cold when the gap is longer than two seconds, e^-2; rejected half of the time.
    #expect(text.output.contains(#/cold starts +13\.5335 % +(exact|±)/#), "\(text.output)")
    #expect(text.output.contains(#/rejections +50 % +exact/#), "\(text.output)")
    let json = try run(arguments + ["--json"])
    let document = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any], "\(json.output)")
    #expect(document["schema"] as? String == "faascast.estimate/1")
    let figures = try #require(document["figures"] as? [String: [String: Any]])
    #expect(abs(try #require(figures["coldStarts"]?["value"] as? Double) - exp(-2)) < 1e-9)
    #expect(figures["rejections"]?["relativeError"] as? Double == 0)
  }

  @Test(
    "every subcommand answers",
    arguments: [
      "provisioned --rate 2 --service 1s --keep-alive 60s --target-cold 0.1%",
      "pool --rate 0.5 --service 1s --keep-alive 30s --exponential-keep-alive --setup 500ms",
      "pool --rate 1000 --service 1s --keep-alive 10m --limit 500 --json",
      "loss --rate 10 --service 1s --target-loss 1%", "queue --rate 10 --service 1s --target-wait 10ms --tail 3s",
      "single --rate 6/m --service 1s --setup 2s --keep-alive 10s",
      "occupancy --rate 10 --service gamma:mean=60s,cv=2 --amplitude 5 --period 24h --at 6h",
      "renewal --gap lognormal:median=10m,p99=1h --target-cold 5% --service 2s",
      "renewal --gap uniform:9m..11m --pre-warm 535s --keep-alive 130s",
      "billing --duration weibull:shape=0.7,scale=20ms --granularity 100ms", "room --rates 5,3,1 --capacity 2",
      "room --functions 100 --zipf 0.8 --capacity 10",
    ])
  func all(command: String) throws {
    defer { program.remove() }
    let result = try run(["estimate"] + command.split(separator: " ").map(String.init))
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.isEmpty)
    #expect(!result.output.isEmpty && !result.output.contains("nan"))
  }

  @Test("what has no answer is bad usage, told in a line that names it")
  func refusals() throws {
    defer { program.remove() }
    let cases = [
      ("pool --rate 1 --service 1s --keep-alive 0s", "keep-alive: found 0.0 s, expected a time above zero"),
      ("pool --rate 1 --service 1 --keep-alive 1s", "The value '1' is invalid for '--service <service>'"),
      ("pool --rate nan --service 1s --keep-alive 1s", "The value 'nan' is invalid for '--rate <rate>'"),
      ("pool --rate 1 --service 1s --keep-alive 1s --setup 1s", "--setup goes with --exponential-keep-alive"),
      ("queue --rate 2 --service 1s --limit 2", "limit: found 2, expected above the load of 2.0 Erlang"),
      ("loss --rate 1 --service 1s", "expected one of --limit and --target-loss"),
      ("renewal --gap gama:mean=1s,cv=2 --keep-alive 1s", "The value 'gama:mean=1s,cv=2' is invalid for '--gap"),
      ("room --rates 1,x --capacity 1", "The value '1,x' is invalid for '--rates"),
      ("room --functions 9 --capacity 9", "capacity: found 9, expected from 1 to 8"),
    ]
    for (command, says) in cases {
      let result = try run(["estimate"] + command.split(separator: " ").map(String.init))
      #expect(result.status == ExitStatus.badUsage.rawValue, "\(command)")
      #expect(result.output.isEmpty)
      #expect(result.error.hasPrefix("faascast: error: " + says), "\(result.error)")
    }
  }

  private func run(_ arguments: [String]) throws -> Program.Result {
    return try program.run(arguments)
  }
}
