#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A state that may hold nothing yet, and is not written then.
protocol MaybeEmpty {
  var isEmpty: Bool { get }
}

/// The state of an objective as JSON; nothing for objectives that learn nothing.
enum ObjectiveState {
  static func encode(_ state: some Encodable) -> [UInt8] {
    if let state = state as? any MaybeEmpty, state.isEmpty { return [] }
    return state is NoState ? [] : Array(JSONLines.line(state).utf8)
  }

  static func decode<State: Decodable>(_ bytes: [UInt8]) throws(TrainerStateError) -> State {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .words
    guard let state = try? decoder.decode(State.self, from: Data(bytes)) else { throw .objective }
    return state
  }
}
