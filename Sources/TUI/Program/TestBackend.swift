/// A backend for tests: inputs at given times of a simulated clock.
public struct TestBackend: Backend {
  public var size: Size
  public var symbols: Symbols
  public var colorDepth: ColorDepth
  public private(set) var now = 0.0
  /// Every surface that was shown.
  public private(set) var frames: [Surface] = []
  /// How often the program was suspended.
  package private(set) var suspensions = 0
  /// Whether clicks are taken.
  package private(set) var takesMouse = true
  private var script: [(time: Double, input: Input)]

  /// A backend that plays the inputs of `script`, which are in the order of their times.
  public init(
    _ size: Size, symbols: Symbols = .unicode, colorDepth: ColorDepth = .trueColor,
    script: [(time: Double, input: Input)]
  ) {
    (self.size, self.symbols, self.colorDepth, self.script) = (size, symbols, colorDepth, script)
  }

  public mutating func present(_ surface: Surface) { frames.append(surface) }

  public mutating func next(timeout: Double?) -> Input? {
    if let first = script.first, first.time <= now + (timeout ?? .infinity) {
      script.removeFirst()
      now = max(now, first.time)
      if case .resize(let size) = first.input { self.size = size }
      return first.input
    }
    if let timeout, !script.isEmpty {
      now += timeout
      return nil
    }
    // A script that ends without leaving would wait for ever.
    return timeout == 0 ? nil : .end(.hangup)
  }

  public mutating func invalidate() {}

  public mutating func takeMouse(_ isTaken: Bool) { takesMouse = isTaken }

  public mutating func suspend() { suspensions += 1 }
}
