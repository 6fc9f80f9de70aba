internal import CNcurses
internal import Platform

/// What the screens would find in a terminal, told without opening one.
package struct TerminalCheck: Sendable {
  /// The type the environment names.
  package let type: String
  /// The colours the screens would use, in words.
  package let colors: String
  /// What would be better, as sentences.
  package let advice: [String]

  /// Looks at an environment; the terminal's entry is read for its colours.
  package init(environment: (String) -> String?) {
    type = environment("TERM") ?? ""
    var advice: [String] = []
    let plan: ColorDepth.Plan
    do {
      plan = try ColorDepth.plan(environment: environment)
    } catch {
      colors = "none: the screens cannot be shown"
      self.advice = [
        "set TERM to the terminal's type, such as xterm-256color; until then there is --plain"
      ]
      return
    }
    let count = Self.colorCount(of: plan.type)
    if !plan.isColored {
      colors = "none: NO_COLOR is set"
    } else if plan.isDirect {
      colors = "24-bit"
    } else if let count {
      colors = count >= 256 ? "256" : count >= 8 ? "\(count)" : "none"
      if ColorDepth.isRemote(has: { environment($0) != nil }), count >= 256 {
        advice.append("over ssh the screens use 256 colours, which halves the traffic")
      } else if count >= 256 {
        advice.append(
          "if the terminal shows 24-bit colours, set COLORTERM=truecolor for finer shades")
      } else {
        advice.append("if the terminal has 256 colours, set TERM=xterm-256color")
      }
    } else {
      colors = "unknown: there is no entry for \(type)"
      advice.append(
        "install the entry (the package ncurses-term), or set TERM to a type that is known")
    }
    self.advice = advice
  }

  /// How many colours the entry of that type has; nil where there is no entry.
  private static func colorCount(of type: String) -> Int? {
    var status: Int32 = 0
    // ncurses takes its texts as if it changed them, and does not.
    return type.withCString { type in
      guard setupterm(UnsafeMutablePointer(mutating: type), STDOUT_FILENO, &status) == OK else {
        return nil
      }
      return "colors".withCString { max(0, Int(tigetnum(UnsafeMutablePointer(mutating: $0)))) }
    }
  }
}
