/// Turns the bytes that a terminal sends into keys and mouse events, in pieces of any size.
struct InputParser {
  private var pending: [UInt8] = []
  private var isPasting = false

  /// Whether the terminal has been asked something and has not answered everything yet.
  var awaitsAnswer = false

  /// Whether bytes wait that may be the start of a longer sequence, or the Escape key.
  var isPending: Bool { !pending.isEmpty }

  /// Whether what waits may be the beginning of an answer, whose end must not pass for keys.
  var isInsideAnswer: Bool { awaitsAnswer && pending.first == 0x1B }

  /// What the bytes so far amount to.
  mutating func feed(_ bytes: [UInt8]) -> [Input] {
    pending += bytes
    return take(isComplete: false)
  }

  /// What the waiting bytes amount to when nothing follows them.
  mutating func flush() -> [Input] {
    take(isComplete: true)
  }

  private mutating func take(isComplete: Bool) -> [Input] {
    var inputs: [Input] = []
    var index = 0
    while index < pending.count {
      let result = Self.scan(pending[index...], isComplete: isComplete)
      guard case .report(let length, let report) = result else { break }
      index += length
      if report == .abilities { awaitsAnswer = false }
      if report == .pasteStart {
        isPasting = true
      } else if report == .pasteEnd || report == .key(.control("c")) && isPasting {
        // Control-C is in no paste: it ends one whose end got lost.
        isPasting = false
      } else if !isPasting, let input = input(for: report) {
        inputs.append(input)
      }
    }
    pending.removeFirst(index)
    return inputs
  }

  private func input(for report: Report) -> Input? {
    switch report {
    case .key(let key):
      return .key(key)
    case .mouse(let code, let column, let row, let isRelease):
      guard column > 0, row > 0, let action = Self.action(code: code, isRelease: isRelease)
      else { return nil }
      return .mouse(MouseEvent(action, x: column - 1, y: row - 1))
    case .background(let color):
      return .background(color)
    case .pasteStart, .pasteEnd, .abilities, .unknown:
      return nil
    }
  }

  /// Bits 0 and 1 are the button, 2 … 4 Shift, Alt and Control, 5 motion, 6 the wheel.
  private static func action(code: Int, isRelease: Bool) -> MouseEvent.Action? {
    let button = code & 3
    guard code & 128 == 0 else { return nil }
    if code & 64 != 0 {
      // Wheels to the left and right have nothing to move here.
      return button == 0 ? .wheelUp : button == 1 ? .wheelDown : nil
    }
    // Old reports do not say which button was released.
    if isRelease && (button == 0 || button == 3) { return .release }
    guard button == 0, !isRelease else { return nil }
    return code & 32 != 0 ? .drag : .press
  }
}
