#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The state of an objective as JSON; nothing for objectives that learn nothing.
enum ObjectiveState {
  static func encode(_ state: some Encodable) -> [UInt8] {
    guard !(state is Untaught) else { return [] }
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .words
    // A state is plain values, and those can be encoded.
    return (try? encoder.encode(state)).map { Array($0) } ?? []
  }

  static func decode<State: Decodable>(_ bytes: [UInt8]) throws(TrainerStateError) -> State {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    guard let state = try? decoder.decode(State.self, from: Data(bytes)) else { throw .objective }
    return state
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  /// Numbers that JSON has no digits for, as the words that JavaScript and Python's readers know.
  static var words: Self {
    .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  }
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
  static var words: Self {
    .convertFromString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  }
}
