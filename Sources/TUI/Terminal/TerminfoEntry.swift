/// A description of a terminal with 24-bit colours, in the compiled form that ncurses reads.
///
/// The entries for such terminals are an optional package and spell colours in a way that not all
/// terminals read. This one needs no file, writes colours as `38;2;r;g;b`, and has a colour for
/// each 24-bit value and, above those, for each of the terminal's own 16. The layout is that of
/// term(5) with 32-bit numbers.
enum TerminfoEntry {
  /// Number of the first of the terminal's own 16 colours.
  static let firstOwnColor = 1 << 24

  static let name = "diffusion-workbench"

  /// What `TERMINFO` has to hold so that ncurses finds this entry.
  static let environmentValue: String = {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("hex:".utf8)
    for byte in bytes() {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }()

  /// Numbers are the places of the capabilities in term.h.
  private static let flags = [
    1,  // am: the cursor wraps at the right margin
    4,  // xenl: but only with the next character
    14,  // msgr: it may move while an attribute is on
  ]

  private static let numbers: [Int: Int32] = [
    0: 80,  // columns
    1: 8,  // tab width
    2: 24,  // lines
    13: Int32(firstOwnColor + 16),  // colours
    14: 0x1_0000,  // pairs
  ]

  private static func color(_ selector: Int) -> String {
    "\u{1B}[%?%p1%{16777216}%<%t\(selector);2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;"
      + "%p1%{255}%&%d%e\(selector);5;%p1%{16777216}%-%d%;m"
  }

  private static let strings: [Int: String] = [
    1: "\u{7}",  // bell
    2: "\r",  // carriage return
    5: "\u{1B}[H\u{1B}[2J",  // clear
    6: "\u{1B}[K",  // erase to the end of the line
    7: "\u{1B}[J",  // erase to the end of the screen
    8: "\u{1B}[%i%p1%dG",  // column
    10: "\u{1B}[%i%p1%d;%p2%dH",  // position
    11: "\n",  // down
    12: "\u{1B}[H",  // home
    13: "\u{1B}[?25l",  // cursor off
    14: "\u{8}",  // left
    16: "\u{1B}[?25h",  // cursor on
    17: "\u{1B}[C",  // right
    19: "\u{1B}[A",  // up
    27: "\u{1B}[1m",  // bold
    28: "\u{1B}[?1049h",  // alternate screen
    30: "\u{1B}[2m",  // dim
    34: "\u{1B}[7m",  // reverse
    36: "\u{1B}[4m",  // underline
    37: "\u{1B}[%p1%dX",  // erase characters
    39: "\u{1B}[m",  // attributes off
    40: "\u{1B}[?1049l",  // main screen
    44: "\u{1B}[24m",  // underline off
    107: "\u{1B}[%p1%dB",  // down by
    111: "\u{1B}[%p1%dD",  // left by
    112: "\u{1B}[%p1%dC",  // right by
    114: "\u{1B}[%p1%dA",  // up by
    127: "\u{1B}[%i%p1%dd",  // row
    151: "\u{1B}[?7h",  // wrap at the right margin, so that the last cell can be written …
    152: "\u{1B}[?7l",  // … without scrolling
    269: "\u{1B}[1K",  // erase to the start of the line
    297: "\u{1B}[39;49m",  // own colours
    359: color(38),
    360: color(48),
  ]

  static func bytes() -> [UInt8] {
    let flagCount = (flags.max() ?? 0) + 1
    let numberCount = (numbers.keys.max() ?? 0) + 1
    let stringCount = (strings.keys.max() ?? 0) + 1
    var table: [UInt8] = []
    let offsets = (0..<stringCount).map { index -> Int in
      guard let string = strings[index] else { return -1 }
      defer { table += Array(string.utf8) + [0] }
      return table.count
    }
    let name = Array("\(Self.name)|24-bit terminal".utf8) + [0]

    var result: [UInt8] = []
    func put(_ value: Int) {
      result.append(UInt8(truncatingIfNeeded: value))
      result.append(UInt8(truncatingIfNeeded: value >> 8))
    }
    func align() {
      if result.count % 2 == 1 { result.append(0) }
    }
    for value in [0x21E, name.count, flagCount, numberCount, stringCount, table.count] {
      put(value)
    }
    result += name
    for index in 0..<flagCount { result.append(flags.contains(index) ? 1 : 0) }
    align()
    for index in 0..<numberCount {
      let value = Int(numbers[index] ?? -1)
      put(value)
      put(value >> 16)
    }
    for offset in offsets { put(offset) }
    result += table
    align()
    // The one capability outside the standard: RGB says that a colour's number is its value.
    let extra = Array("RGB".utf8) + [0]
    for value in [1, 0, 0, 1, extra.count] { put(value) }
    result += [1, 0]
    put(0)
    return result + extra
  }
}
