internal import Platform

/// How foreign text and lists appear in sentences.
package enum Wording {
  /// `text` with control characters as escapes, so that it can neither move the cursor nor hide.
  package static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        let digits = String(scalar.value, radix: 16)
        result += "\\u{\(digits)}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `text` escaped, in quotation marks, and cut where it is long.
  package static func quoted(_ text: some StringProtocol) -> String {
    let limit = 60
    let isLonger = text.unicodeScalars.dropFirst(limit).first != nil
    let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    return "“\(escaped(start))\(isLonger ? "…" : "")”"
  }

  /// The known name that `word` was most likely meant to be, if one is near enough.
  package static func nearest(to word: String, in known: [String]) -> String? {
    let limit = max(1, min(3, word.count / 2))
    let ranked = known.map { (name: $0, distance: distance(word, $0)) }
    return ranked.filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
  }

  /// How many letters must be added, removed, replaced or swapped with their neighbour to get from
  /// one word to the other.
  package static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, beforeLast[j - 1] + 1)
        }
        row.append(best)
      }
      (beforeLast, last) = (last, row)
    }
    return last[b.count]
  }
}

extension Wording {
  /// So many of something, such as “1 step” or “20 steps”.
  package static func count(_ number: Int, _ one: String) -> String {
    "\(number) \(one)\(number == 1 ? "" : "s")"
  }

  /// A number with as few characters as tell it; whole ones without a fraction.
  package static func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  /// A number with three significant digits.
  package static func rounded(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return short(value) }
    let places = 2 - Int(log10(abs(value)).rounded(.down))
    let scale = pow(10, Double(abs(places)))
    return short(
      places >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale)
  }
}
