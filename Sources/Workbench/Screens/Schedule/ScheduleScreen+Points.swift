import Diffusion
import TUI

/// The points of a schedule that is drawn by them: selected, moved and dragged.
extension ScheduleScreen {
  /// A point that follows the mouse.
  struct PointDrag: Sendable {
    /// The value under the mouse, and that of the point, when the button went down.
    let start: (mouse: Double, point: Double)
    /// What the chart showed of log-SNR then, by which the mouse's rows are read.
    let range: ClosedRange<Double>
    /// Whether there is a change to go on with.
    var hasMoved = false
  }

  static let pointContext = KeyContext("points")
  /// How far keys move a point.
  static let fineStep = 0.1
  static let coarseStep = 1.0

  static let pointKeys: [KeyBinding] = KeyBinding.group(
    pointGroup, in: [pointContext],
    [
      .init([.left], .change(-1), "previous point", help: "Select the previous point"),
      .init(
        [.right], .change(1), "next point", help: "Select the next point", prominence: 87),
      .init([.up], own(Command.raisePoint), "raise", help: "Move the point up", prominence: 88),
      .init(
        [.down], own(Command.lowerPoint), "lower", help: "Move the point down", prominence: 86),
      .init([.shiftUp], own(Command.raisePointFar), "raise far", help: "Move the point far up"),
      .init(
        [.shiftDown], own(Command.lowerPointFar), "lower far", help: "Move the point far down"),
      .init(
        ["i", .insert], own(Command.addPoint), "add point", help: "Add a point", prominence: 66
      ),
      .init(
        [.delete, .backspace], own(Command.removePoint), "remove point", help: "Remove a point",
        prominence: 65),
    ])
  private static let pointGroup = "Schedule points"

  /// The points that draw the edited schedule, or nil where none do.
  var points: LogSNRPoints? { edited.logSNRPoints }

  /// The selected point, of so many.
  private func selectedIndex(of points: LogSNRPoints) -> Int {
    min(selectedPoint, points.values.count - 1)
  }

  /// Where point `index` lies from the first level (0) to the last (1).
  private func place(of index: Int, in points: LogSNRPoints) -> Double {
    Double(index) / Double(points.values.count - 1)
  }

  var selectedPointText: String {
    guard let points else { return "" }
    let index = selectedIndex(of: points)
    let timestep = place(of: index, in: points) * Double(schedule.count - 1)
    return
      "point \(index + 1)/\(points.values.count) · t \(Numbers.grouped(Int(timestep.rounded())))"
      + " · \(Numbers.fixed(points.values[index], 2))"
  }

  // MARK: Commands

  mutating func selectPoint(by steps: Int) {
    guard let points else { return }
    selectedPoint = min(max(selectedIndex(of: points) + steps, 0), points.values.count - 1)
  }

  mutating func movePoint(by step: Double, _ session: inout Session) {
    guard let points = pointsToChange(&session) else { return }
    let index = selectedIndex(of: points)
    move(index, to: points.values[index] + step)
  }

  /// Draws the curve by more or fewer points; those that stay move, as all stand evenly.
  mutating func changePointCount(by change: Int, _ session: inout Session) {
    guard let points = pointsToChange(&session) else { return }
    let count = points.values.count
    guard let others = points.resampled(count + change) else {
      let counts = LogSNRPoints.counts
      return session.note(
        counts.contains(count + change)
          ? "the points are too close together to add one between them"
          : "a schedule has \(counts.lowerBound) to \(counts.upperBound) points")
    }
    let place = place(of: selectedIndex(of: points), in: points)
    selectedPoint = Int((place * Double(count + change - 1)).rounded())
    replacePoints(with: others)
  }

  /// The points, which are shown to have the keys; without any, what to do is said.
  private mutating func pointsToChange(_ session: inout Session) -> LogSNRPoints? {
    guard let points else {
      session.note("only the custom family (without a file) has points; choose it first")
      return nil
    }
    focus.panel = .curves
    return points
  }

  private mutating func move(_ index: Int, to value: Double, continuing: Bool = false) {
    guard var points else { return }
    points.move(index, to: value)
    replacePoints(with: points, continuing: continuing)
  }

  private mutating func replacePoints(with points: LogSNRPoints, continuing: Bool = false) {
    var next = edited
    next.logSNRPoints = points
    edit(next, continuing: continuing)
  }

  // MARK: Chart

  /// Draws the points on their curve.
  func addHandles(to chart: inout LineChart) {
    guard let points else { return }
    let selected = focus.panel == .curves ? selectedIndex(of: points) : nil
    let range = drag?.range ?? visibleRange(of: points)
    // A point that is dragged out of the chart stays at its edge.
    chart.yRange =
      min(
        range.lowerBound, points.values.last ?? 0)...max(
        range.upperBound, points.values.first ?? 0)
    chart.handles = points.values.enumerated().map { index, value in
      LineChart.Handle(x: place(of: index, in: points), y: value, isSelected: index == selected)
    }
  }

  /// All points, with room to drag the first and the last one further.
  private func visibleRange(of points: LogSNRPoints) -> ClosedRange<Double> {
    min(points.values.last ?? 0, -10) - 3...max(points.values.first ?? 0, 10) + 3
  }

  // MARK: Mouse

  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    if event.action == .press { drag = nil }
    if panel == .strip, forward.isShown, event.action != .release {
      goForward(to: forwardPlace(atColumn: event.x, in: inner))
    }
    guard panel == .curves, let points,
      let cells = charts(in: inner).first(where: { $0.quantity == .logSNR })?.cells
    else { return }
    var chart = chart(of: .logSNR, context)
    chart.yRange = drag?.range ?? chart.yRange
    let area = chartArea(in: cells)
    guard let mouse = chart.y(atRow: event.y, in: area) else { return }
    switch event.action {
    case .press:
      guard let index = chart.handle(atX: event.x, y: event.y, in: area) else { return }
      selectedPoint = index
      drag = PointDrag(start: (mouse, points.values[index]), range: visibleRange(of: points))
    case .drag:
      guard let drag else { return }
      let before = edited
      move(
        selectedIndex(of: points), to: drag.start.point + mouse - drag.start.mouse,
        continuing: drag.hasMoved)
      if edited != before { self.drag?.hasMoved = true }
    case .release:
      // Dragged there and back is no change.
      if drag?.hasMoved == true, undoStack.last == edited { undo() }
      drag = nil
    case .wheelUp, .wheelDown: break
    }
  }
}
