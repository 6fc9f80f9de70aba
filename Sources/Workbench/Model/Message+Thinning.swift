import Diffusion

extension Message {
  /// How many messages may wait for the screens; more do only where these have stopped.
  static let mostWaiting = 4096
  /// How many may wait before samplers wait, too.
  static let manyWaiting = 512

  /// What is left of messages that nobody takes: of weights and floors the newest, of steps every
  /// second, and everything else.
  static func thinned(_ messages: [Message]) -> [Message] {
    var kept: [Message] = []
    var newest: Set<String> = []
    var steps = 0
    for message in messages.reversed() {
      if let kind = message.replaceable {
        if newest.insert(kind).inserted { kept.append(message) }
      } else if case .run(.step, _) = message {
        if steps.isMultiple(of: 2) { kept.append(message) }
        steps += 1
      } else {
        kept.append(message)
      }
    }
    return kept.reversed()
  }

  /// A number for what holds a whole network's weights, of which only the newest may wait.
  var heavyKind: Int? {
    switch self {
    case .run(.model, let session): 2 * session
    case .run(.rawModel, let session): 2 * session + 1
    default: nil
    }
  }

  /// What a newer message of the same kind makes worthless; nil for what always counts.
  private var replaceable: String? {
    switch self {
    case .run(.model, let session): "model \(session)"
    case .run(.rawModel, let session): "raw model \(session)"
    case .run(.evaluation, let session): "evaluation \(session)"
    case .run(.floor, let session): "floor \(session)"
    case .run(.layers, let session): "layers \(session)"
    case .run(.cost, let session): "cost \(session)"
    case .run(.saved, let session): "saved \(session)"
    case .run(.unwritten, let session): "unwritten \(session)"
    case .notice: "notice"
    default: nil
    }
  }
}
