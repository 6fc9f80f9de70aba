internal import CNcurses
internal import Platform

/// The few functions of ncurses that this program uses; nothing else knows about ncurses.
struct Curses {
  /// The descriptor that ncurses writes to.
  let output: Int32
  let depth: ColorDepth
  /// How many colours the terminal counts.
  let colors: Int
  /// Whether the terminal has a second screen, as all that know more than the VT100 do.
  let hasAlternateScreen: Bool
  /// What sets colours, attributes and cursor back, in the terminal's own words.
  let resetSequence: [UInt8]
  /// What returns to the first screen, or a new line where there is no other.
  let exitSequence: [UInt8]
  /// Pairs that may be numbered from 1 on.
  let pairCapacity: Int

  init(_ plan: ColorDepth.Plan) throws(TerminalError) {
    setlocale(LC_CTYPE, "")
    output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    guard output >= 0 else { throw .system("no file descriptor is free") }

    var depth = ColorDepth.monochrome
    var isOpen = false
    if plan.isDirect, let screen = Self.openDirect(output: output) {
      if start_color() == OK, Int(cn_colors()) > TerminfoEntry.firstOwnColor {
        isOpen = true
        depth = .trueColor
      } else {
        endwin()
        delscreen(screen)
      }
    }
    if !isOpen {
      guard cn_open(plan.type, dup(output)) != nil else {
        close(output)
        throw .unknown(type: plan.type)
      }
      if plan.isColored, has_colors(), start_color() == OK {
        depth = cn_colors() >= 256 ? .palette256 : cn_colors() >= 8 ? .ansi16 : .monochrome
      }
    }
    guard Self.string("cup") != nil else {
      endwin()
      throw .unsupported(type: plan.type)
    }
    if depth > .monochrome { use_default_colors() }

    self.depth = depth
    colors = Int(cn_colors())
    pairCapacity = depth == .monochrome ? 0 : Int(cn_color_pairs()) - 1
    hasAlternateScreen = Self.string("smcup") != nil
    resetSequence = ["sgr0", "op", "cnorm"].flatMap { Self.string($0) ?? [] }
    exitSequence = Self.string("rmcup") ?? Array("\r\n".utf8)

    raw()
    noecho()
    nonl()
    // Keys that wait must not make ncurses give up half of a frame.
    typeahead(-1)
    let window = cn_screen()
    leaveok(window, true)
    idlok(window, false)
    scrollok(window, false)
    curs_set(0)
  }

  /// Opens the terminal with the built-in 24-bit entry.
  private static func openDirect(output: Int32) -> OpaquePointer? {
    let before = getenv("TERMINFO").map { String(cString: $0) }
    setenv("TERMINFO", TerminfoEntry.environmentValue, 1)
    defer {
      if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") }
    }
    return cn_open(TerminfoEntry.name, dup(output))
  }

  /// A capability's bytes without the pauses that only paper terminals needed.
  private static func string(_ name: String) -> [UInt8]? {
    guard let pointer = tigetstr(name), Int(bitPattern: pointer) != -1 else { return nil }
    var bytes: [UInt8] = []
    var isInPause = false
    for byte in String(cString: pointer).utf8 {
      if byte == UInt8(ascii: "$") { isInPause = true }
      if !isInPause { bytes.append(byte) }
      if byte == UInt8(ascii: ">") { isInPause = false }
    }
    return bytes
  }

  var size: Size { Size(Int(cn_columns()), Int(cn_rows())) }

  func resize(to size: Size) {
    resize_term(Int32(size.height), Int32(size.width))
  }

  func define(pair: Int32, foreground: Int32, background: Int32) {
    init_extended_pair(pair, foreground, background)
  }

  func put(
    _ scalar: Unicode.Scalar, x: Int, y: Int, attributes: Style.Attributes, pair: Int32
  ) {
    var mask: attr_t = 0
    if attributes.contains(.bold) { mask |= cn_bold }
    if attributes.contains(.dim) { mask |= cn_dim }
    if attributes.contains(.underline) { mask |= cn_underline }
    if attributes.contains(.reverse) { mask |= cn_reverse }
    cn_put(Int32(y), Int32(x), scalar.value, mask, pair)
  }

  /// Makes the next update write every cell.
  func repaint() {
    cn_repaint()
  }

  /// Writes what changed.
  func update() {
    wnoutrefresh(cn_screen())
    doupdate()
  }

  /// Gives the terminal back; the next update takes it again.
  func end() {
    endwin()
  }
}
