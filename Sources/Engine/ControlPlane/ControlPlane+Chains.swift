import Platforms
import Statistics
import Units

/// An invocation that has done its own work and now invokes others, step by step.
struct Chain {
  /// Where the invocation is kept.
  var flight: Int
  var function: Int
  /// The next step.
  var step = 0
  /// Synchronous calls of the step before that have not answered.
  var pending = 0
  var hasFailed = false
}

extension ControlPlane {
  /// The invocation's own work is done.
  func startChain(_ slot: Int, of flight: Flight) {
    let number = newNumber()
    chains[number] = Chain(flight: slot, function: flight.request.function)
    if flight.deadline < .max { schedule(.chainTimesOut(number), at: flight.deadline, .end) }
    takeSteps(number)
  }

  /// Takes steps up to one that must be waited for, or to the end.
  private func takeSteps(_ number: Int) {
    while var chain = chains[number] {
      let steps = functions[chain.function].settings.behaviour.calls ?? []
      guard chain.step < steps.count else { return endChain(number, failure: nil) }
      let call = steps[chain.step]
      let durations = drawCalls(call, of: chain.function)
      chain.step += 1
      chain.pending = call.isAsynchronous ? 0 : durations.count
      chains[number] = chain
      guard let target = indices[call.function] else { continue }
      for duration in durations {
        if call.isAsynchronous {
          enqueue(QueuedEvent(function: target, duration: duration, source: books.events[target], began: now))
        } else {
          begin(
            Call(function: target, duration: duration, source: books.calls[target], chain: number, began: now))
        }
      }
      if !call.isAsynchronous, !durations.isEmpty { return }
    }
  }

  /// The durations of the calls that chance lets happen.
  private func drawCalls(_ call: FunctionCall, of function: Int) -> [Int64] {
    let law = TimeLaw(call.duration)
    var durations: [Int64] = []
    for _ in 0..<call.count where call.probability >= 1 || callStreams[function].uniform() < call.probability {
      durations.append(law.draw(&callStreams[function]))
    }
    return durations
  }

  /// The last answer to a call of the chain; one that comes after its end is not heard.
  func chainHears(_ response: Response, _ number: Int) {
    guard var chain = chains[number] else { return }
    chain.pending -= 1
    if case .succeeded = response {} else { chain.hasFailed = true }
    chains[number] = chain
    guard chain.pending == 0 else { return }
    if chain.hasFailed { endChain(number, failure: .error) } else { takeSteps(number) }
  }

  /// The invocation ends, with all that it waited for.
  func endChain(_ number: Int, failure: Failure?) {
    guard let chain = chains.removeValue(forKey: number), var flight = flights.take(chain.flight) else { return }
    flight.end = max(now, flight.began + 1)
    flight.failure = failure
    functions[chain.function].record(flight, &meter)
    land(flight)
  }
}
