/// Reads the values of a foreign configuration, a JSON object, by key.
///
/// A key that is missing has the default that its library gives it. A value that cannot be is an
/// error that names the file, the key, what was found and what was expected.
struct ConfigurationReader {
  let path: String
  private let members: [JSON.Member]
  private let values: [String: JSON]

  init(_ json: JSON, path: String) throws(FileError) {
    guard let members = json.members else {
      throw FileError(path, .malformed, "is not a JSON object; expected a configuration")
    }
    self.path = path
    self.members = members
    // Names that occur twice are refused where JSON is read; of those made otherwise the last
    // counts.
    values = Dictionary(members.map { ($0.name, $0.value) }) { $1 }
  }

  /// The value of a key, or nil if it is missing or null.
  subscript(key: String) -> JSON? {
    switch values[key] {
    case .null?, nil: nil
    case let value?: value
    }
  }

  /// Whether the key is there, be it with null.
  func has(_ key: String) -> Bool { values[key] != nil }

  func error(
    _ key: String, expected: String, _ kind: FileError.Kind = .malformed
  ) -> FileError {
    // A long list says no more than its beginning.
    let found = Wording.quoted(values[key]?.description ?? "nothing")
    return FileError(path, kind, "has \(key) = \(found); expected \(expected)")
  }

  func integer(
    _ key: String, _ defaultValue: Int, in range: ClosedRange<Int>
  ) throws(FileError) -> Int {
    try optionalInteger(key, in: range, absent: defaultValue) ?? defaultValue
  }

  /// A whole number, nil where it is null, and `absent` where the key is missing.
  func optionalInteger(
    _ key: String, in range: ClosedRange<Int>, absent: Int? = nil
  ) throws(FileError) -> Int? {
    guard has(key) else { return absent }
    guard let value = self[key] else { return nil }
    guard let number = Self.wholeNumber(value), range.contains(number) else {
      throw error(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func integers(
    _ key: String, _ defaultValue: [Int], in range: ClosedRange<Int>, count: ClosedRange<Int>
  ) throws(FileError) -> [Int] {
    guard let value = self[key] else { return defaultValue }
    let numbers = value.array?.compactMap(Self.wholeNumber) ?? []
    guard let array = value.array, numbers.count == array.count, count.contains(numbers.count),
      numbers.allSatisfy(range.contains)
    else {
      throw error(
        key,
        expected: "\(count.lowerBound) to \(count.upperBound) whole numbers from "
          + "\(range.lowerBound) to \(range.upperBound)")
    }
    return numbers
  }

  func number(
    _ key: String, _ defaultValue: Double, in range: ClosedRange<Double>
  ) throws(FileError) -> Double {
    guard let value = self[key] else { return defaultValue }
    guard let number = value.double, range.contains(number) else {
      throw error(key, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func bool(_ key: String, _ defaultValue: Bool) throws(FileError) -> Bool {
    guard let value = self[key] else { return defaultValue }
    guard case .bool(let flag) = value else { throw error(key, expected: "true or false") }
    return flag
  }

  /// One of the words in `choices`.
  func choice<Choice>(
    _ key: String, _ defaultValue: Choice, of choices: [(word: String, value: Choice)],
    ignoringCase: Bool = false
  ) throws(FileError) -> Choice {
    guard let value = self[key] else { return defaultValue }
    if ignoringCase, let word = value.string {
      return try choice(.string(word.lowercased()), key, of: choices)
    }
    return try choice(value, key, of: choices)
  }

  /// A list of words in `choices`.
  func list<Choice>(
    _ key: String, _ defaultValue: [Choice], of choices: [(word: String, value: Choice)]
  ) throws(FileError) -> [Choice] {
    guard let value = self[key] else { return defaultValue }
    guard let array = value.array else {
      throw error(key, expected: "a list of \(Self.words(choices))")
    }
    var result: [Choice] = []
    for element in array { result.append(try choice(element, key, of: choices)) }
    return result
  }

  private func choice<Choice>(
    _ value: JSON, _ key: String, of choices: [(word: String, value: Choice)]
  ) throws(FileError) -> Choice {
    if let word = value.string, let choice = choices.first(where: { $0.word == word }) {
      return choice.value
    }
    throw error(
      key, expected: Self.words(choices), value.string == nil ? .malformed : .unsupported)
  }

  private static func words<Choice>(_ choices: [(word: String, value: Choice)]) -> String {
    choices.map(\.word).joined(separator: ", ")
  }

  /// 1.0 is as whole as 1: Python programs write either.
  private static func wholeNumber(_ value: JSON) -> Int? {
    value.integer ?? value.double.flatMap { Int(exactly: $0) }
  }

  /// The keys other than `known` that have a value.
  ///
  /// Keys that begin with `_` are about the file itself; null and false say that something which is
  /// not known here is not in use.
  func unknownKeys(_ known: Set<String>) -> [String] {
    members.filter { member in
      !known.contains(member.name) && !member.name.hasPrefix("_") && member.value != .null
        && member.value != .bool(false)
    }
    .map(\.name)
  }
}
