import Diffusion
import Platform
import TUI

/// What of a run's history its charts show: the same steps and the same cursor in all of them.
struct ChartView: Sendable, Equatable {
  var isLogarithmic = true
  /// Whether the lowest and highest 5 % of the values do not count for the vertical axis.
  var leavesOutliersOut = false
  /// The steps that are shown; nil for all.
  private(set) var window: ClosedRange<Double>?
  /// Whether the window moves along with the newest step.
  private var isAtEnd = true
  /// The share of the vertical axis that is shown.
  private(set) var vertical = 0.0...1.0
  /// The step whose values are read out.
  private(set) var cursor: Double?
  /// The steps between which the mouse is dragged.
  private(set) var drag: Drag?

  /// What the mouse is dragged over.
  struct Drag: Sendable, Equatable {
    var start: Double
    var end: Double
  }

  /// Steps that are shown at least.
  private static let leastSteps = 4.0
  /// The share of the width by which a key moves the cursor.
  private static let keyStep = 0.01

  // MARK: What is shown

  /// The steps in view, of a history from its first step to its last.
  func steps(of history: RunHistory) -> ClosedRange<Double> {
    let all = history.steps
    guard let window else { return all }
    let width = min(window.upperBound - window.lowerBound, all.upperBound - all.lowerBound)
    let end = isAtEnd ? all.upperBound : min(window.upperBound, all.upperBound)
    return max(all.lowerBound, end - width)...end
  }

  /// The horizontal range for the first and the last x in view: with a little room at the end where all are shown, so that
  /// not every step moves the whole curve; nil for what they take.
  func horizontalRange(_ first: Double?, _ last: Double?) -> ClosedRange<Double>? {
    guard window == nil, let first, let last, last > first else { return nil }
    // A power of two between a twelfth and a twenty-fourth of the span.
    let unit = exp2(log2((last - first) / 12).rounded(.down))
    return first...max(last, (last / unit).rounded(.up) * unit)
  }

  /// Which points of a history are in view.
  func visible(of history: RunHistory) -> Range<Int> {
    let steps = steps(of: history)
    let points = history.points
    let first = points.firstIndex { Double($0.step) >= steps.lowerBound } ?? points.count
    let last = points.firstIndex { Double($0.step) > steps.upperBound } ?? points.count
    return first..<max(first, last)
  }

  /// The vertical range for points and lines in view; nil for what they take.
  func verticalRange(
    of points: some Collection<RunHistory.Point>, references: [Double]
  ) -> ClosedRange<Double>? {
    guard leavesOutliersOut || vertical != 0...1 else { return nil }
    let scale: Axis.Scale = isLogarithmic ? .log : .linear
    var values = points.flatMap { [$0.lowestLoss, $0.highestLoss] }
    if leavesOutliersOut {
      values = values.filter(\.isFinite).sorted()
      let cut = values.count / 20
      values = Array(values.dropFirst(cut).dropLast(cut))
    }
    guard let axis = Axis(fitting: values + references, scale: scale) else { return nil }
    return axis.value(at: vertical.lowerBound)...axis.value(at: vertical.upperBound)
  }

  /// What is not as it is by itself, in words for a panel's edge.
  var summary: String {
    [
      isLogarithmic ? "log" : "linear", leavesOutliersOut ? "5–95 %" : nil,
      window != nil || vertical != 0...1 ? "zoomed" : nil,
    ].compactMap(\.self).joined(separator: " · ")
  }

  // MARK: Commands

  /// Does what was asked for; returns what it did, in words, where the screen does not say so itself.
  mutating func perform(_ command: ChartCommand, _ history: RunHistory) -> String? {
    switch command {
    case .scale:
      isLogarithmic.toggle()
      return isLogarithmic ? "logarithmic scale" : "linear scale"
    case .outliers:
      leavesOutliersOut.toggle()
      return leavesOutliersOut
        ? "the axis leaves out the lowest and highest 5 % of the losses"
        : "the axis shows all losses"
    case .zoomIn: zoom(by: 0.5, around: nil, history)
    case .zoomOut: zoom(by: 2, around: nil, history)
    case .taller: zoomVertically(by: 0.5)
    case .flatter: zoomVertically(by: 2)
    case .up: panVertically(by: 0.2)
    case .down: panVertically(by: -0.2)
    case .fit:
      (window, isAtEnd, vertical) = (nil, true, 0...1)
      return "all steps and values"
    }
    return nil
  }

  /// Shows fewer or more steps around one of them, the cursor, or the end.
  mutating func zoom(by factor: Double, around step: Double?, _ history: RunHistory) {
    let (all, shown) = (history.steps, steps(of: history))
    let anchor = step ?? cursor.flatMap { shown.contains($0) ? $0 : nil } ?? shown.upperBound
    let width = shown.upperBound - shown.lowerBound
    let whole = all.upperBound - all.lowerBound
    let wanted = max(width * factor, min(Self.leastSteps, whole))
    guard wanted < whole else {
      (window, isAtEnd) = (nil, true)
      return
    }
    let place = width > 0 ? (anchor - shown.lowerBound) / width : 1
    show(from: anchor - wanted * place, width: wanted, history)
  }

  private mutating func show(from start: Double, width: Double, _ history: RunHistory) {
    let all = history.steps
    let first = min(max(start, all.lowerBound), max(all.upperBound - width, all.lowerBound))
    window = first...min(first + width, max(all.upperBound, first))
    isAtEnd = first + width >= all.upperBound
  }

  private mutating func zoomVertically(by factor: Double) {
    let middle = (vertical.lowerBound + vertical.upperBound) / 2
    let half = min((vertical.upperBound - vertical.lowerBound) * factor / 2, 0.5)
    guard half > 1.0 / 128 else { return }
    let low = min(max(middle - half, 0), 1 - 2 * half)
    vertical = low...low + 2 * half
  }

  /// Moves by a share of what is shown.
  private mutating func panVertically(by share: Double) {
    let width = vertical.upperBound - vertical.lowerBound
    let low = min(max(vertical.lowerBound + share * width, 0), 1 - width)
    vertical = low...low + width
  }

  /// Moves the cursor by so many keys; at an edge of the window the window follows.
  mutating func moveCursor(by keys: Int, _ history: RunHistory) {
    let shown = steps(of: history)
    let width = shown.upperBound - shown.lowerBound
    let step = max(width * Self.keyStep, 1) * Double(keys)
    putCursor(atStep: (cursor ?? shown.upperBound) + step, history)
  }

  /// Puts the cursor at a step, or the nearest there is, and shows it.
  mutating func putCursor(atStep step: Double, _ history: RunHistory) {
    let all = history.steps
    let place = min(max(step.rounded(), all.lowerBound), all.upperBound)
    cursor = place
    let shown = steps(of: history)
    guard !shown.contains(place) else { return }
    let width = shown.upperBound - shown.lowerBound
    show(from: place < shown.lowerBound ? place : place - width, width: width, history)
  }

  mutating func putCursor(atEnd isEnd: Bool, _ history: RunHistory) {
    putCursor(atStep: isEnd ? history.steps.upperBound : history.steps.lowerBound, history)
  }

  mutating func removeCursor() { cursor = nil }

  // MARK: Mouse

  /// A click puts the cursor; a drag selects steps, which are shown when the button goes up.
  mutating func touch(_ action: MouseEvent.Action, atStep step: Double, _ history: RunHistory) {
    switch action {
    case .press:
      putCursor(atStep: step, history)
      drag = Drag(start: step, end: step)
    case .drag:
      drag?.end = step
      putCursor(atStep: step, history)
    case .release:
      defer { drag = nil }
      guard let drag, abs(drag.end - drag.start) >= Self.leastSteps else { return }
      let (first, last) = (min(drag.start, drag.end), max(drag.start, drag.end))
      show(from: first, width: last - first, history)
    case .wheelUp: zoom(by: 0.5, around: step, history)
    case .wheelDown: zoom(by: 2, around: step, history)
    }
  }
}

extension RunHistory {
  /// The first and the last step that charts have a point for.
  var steps: ClosedRange<Double> {
    guard let first = points.first, let last = points.last else { return 0...1 }
    return Double(first.step)...Double(max(last.step, first.step))
  }
}
