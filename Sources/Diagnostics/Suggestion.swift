/// The candidate that a mistyped word most likely meant, or nil when none is near.
///
/// Nearness is the Damerau-Levenshtein distance (optimal string alignment) without regard to case;
/// a candidate is near when at most a third of its letters differ.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  let typed = Array(word.lowercased())
  var best: (candidate: String, distance: Int)?
  for candidate in candidates.sorted() {
    // Lengths alone rule out most, and all that a huge word from a damaged file would be measured against.
    let limit = max(1, max(candidate.count, typed.count) / 3)
    guard abs(candidate.count - typed.count) <= limit else { continue }
    let distance = editDistance(typed, Array(candidate.lowercased()))
    guard distance <= limit else { continue }
    if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
  }
  return best?.candidate
}

/// `did you mean 'memory'?`, or a list of what is known when nothing is near.
public func didYouMean(_ word: String, among candidates: some Sequence<String>) -> String {
  if let near = nearest(to: word, among: candidates) { return "did you mean '\(near)'?" }
  return "known are " + candidates.sorted().joined(separator: ", ")
}

private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + Array(repeating: 0, count: b.count)
    for j in 1...b.count {
      row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
