import Platforms
import Statistics
import Units

/// An event in Lambda's queue for asynchronous invocation.
struct QueuedEvent {
  var function: Int
  var duration: Int64
  var source: Int
  var began: Int64
  /// Function errors so far, and throttles.
  var failures = 0
  var throttles = 0
}

extension ControlPlane {
  /// Puts an event into the queue, from which it leaves at once.
  func enqueue(_ event: QueuedEvent) {
    books.offer(event.source)
    let number = newNumber()
    events[number] = event
    dispatch(number)
  }

  private func policy(_ event: QueuedEvent) -> AsynchronousPolicy {
    functions[event.function].settings.behaviour.asynchronous ?? AsynchronousPolicy()
  }

  func dispatch(_ number: Int) {
    guard let event = events[number] else { return }
    guard now - event.began < policy(event).maximumAge.nanoseconds else {
      events[number] = nil
      books.expire(event.source)
      return deliver(from: event.function, event.source, to: policy(event).onFailure)
    }
    invoke(
      Request(
        function: event.function, duration: event.duration, source: event.source, origin: .event(number),
        isSynchronous: false))
  }

  /// What became of an event's invocation.
  func settle(_ number: Int, _ response: Response) {
    guard var event = events[number] else { return }
    let policy = policy(event)
    switch response {
    case .throttled, .turnedAway:
      let wait = AsynchronousPolicy.throttleWait(count: event.throttles)
      event.throttles += 1
      books.requeue(event.source)
      return postpone(number, event, by: wait, policy)
    case .failed where event.failures < policy.retries:
      let wait = AsynchronousPolicy.errorWait(retry: event.failures)
      event.failures += 1
      books.retry(event.source)
      return postpone(number, event, by: wait, policy)
    case .succeeded, .failed, .unheard:
      events[number] = nil
      books.close(event.source, response, responseTime: now - event.began)
      if case .succeeded = response {
        deliver(from: event.function, event.source, to: policy.onSuccess)
      } else {
        deliver(from: event.function, event.source, to: policy.onFailure)
      }
    }
  }

  /// An event that grows too old while it waits is discarded at that moment.
  private func postpone(_ number: Int, _ event: QueuedEvent, by wait: TimeSpan, _ policy: AsynchronousPolicy) {
    events[number] = event
    let expiry = event.began + policy.maximumAge.nanoseconds
    schedule(.eventIsDue(number), at: max(now, min(now + wait.nanoseconds, expiry)))
  }

  /// A record of what a function was given goes to its destination.
  func deliver(from function: Int, _ source: Int, to destination: Destination?) {
    guard let destination else { return }
    books.sendOn(source)
    guard case .function(let name, let law) = destination, let target = indices[name] else { return }
    let duration = TimeLaw(law).draw(&deliveryStreams[function])
    enqueue(QueuedEvent(function: target, duration: duration, source: books.destination[target], began: now))
  }
}
