import Axes
import Diffusion

/// Something that a lesson waits for or claims, such as `Denoise.frame = 0 and Denoise.sampler = ddim`.
///
/// It is made of comparisons joined by `and`. What is compared are facts, by their names; numbers are compared as numbers.
/// `changed NAME` means that a fact is no longer what it was when the step began.
struct LessonCondition: Sendable, Equatable {
  enum Relation: String, Sendable {
    case notEqual = "!="
    case atMost = "<="
    case atLeast = ">="
    case equal = "="
    case below = "<"
    case above = ">"
  }

  enum Term: Sendable, Equatable {
    case comparison(fact: String, Relation, value: String)
    case changed(fact: String)

    var fact: String {
      switch self {
      case .comparison(let fact, _, _), .changed(let fact): fact
      }
    }
  }

  var terms: [Term]

  /// The facts that it is about.
  var facts: [String] { terms.map(\.fact) }

  /// The condition that a text describes; nil where it is none.
  init?(_ text: String) {
    var terms: [Term] = []
    for part in text.split(separator: " and ") {
      guard let term = Term(String(part)) else { return nil }
      terms.append(term)
    }
    guard !terms.isEmpty else { return nil }
    self.terms = terms
  }

  /// Whether it holds; a fact that is not known fulfils nothing.
  func holds(before: (String) -> String?, now: (String) -> String?) -> Bool {
    terms.allSatisfy { term in
      guard let fact = now(term.fact) else { return false }
      switch term {
      case .changed: return before(term.fact).map { $0 != fact } ?? false
      case .comparison(_, let comparison, let value): return comparison.holds(fact, value)
      }
    }
  }
}

extension LessonCondition.Term {
  fileprivate init?(_ text: String) {
    let words = text.split(separator: " ")
    if words.count == 2, words[0] == "changed" {
      self = .changed(fact: String(words[1]))
      return
    }
    guard words.count >= 3, let comparison = LessonCondition.Relation(rawValue: String(words[1]))
    else { return nil }
    self = .comparison(
      fact: String(words[0]), comparison, value: words.dropFirst(2).joined(separator: " "))
  }
}

extension LessonCondition {
  /// A fact with as many digits as are read.
  static func shortened(_ fact: String) -> String {
    Int(fact) == nil ? Double(fact).map { Numbers.short($0) } ?? fact : fact
  }
}

extension LessonCondition.Relation {
  func holds(_ fact: String, _ value: String) -> Bool {
    guard let left = Self.number(fact), let right = Self.number(value) else {
      switch self {
      case .equal: return fact == value
      case .notEqual: return fact != value
      case .below, .above, .atMost, .atLeast: return false
      }
    }
    return switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .below: left < right
    case .above: left > right
    case .atMost: left <= right
    case .atLeast: left >= right
    }
  }

  /// A number as screens write it.
  private static func number(_ text: String) -> Double? { Double(text.filter { $0 != "," }) }
}
