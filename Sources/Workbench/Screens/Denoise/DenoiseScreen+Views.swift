import Diffusion
import TUI

/// What the panels of samples show: x_t, what is predicted, the noise that is predicted, and more for points
/// and signals.
extension DenoiseScreen {
  enum View: String, Sendable {
    case noisy = "x_t"
    case prediction = "predicted x_0"
    case noise = "predicted noise"
    case change = "change of predicted x_0"
    /// The ways of many points from x_T on.
    case trails = "trails"
    /// The score of the network and the density of the noised data.
    case field = "score and density"
    /// Signals over one another.
    case overlaid = "x_t, overlaid"
    /// What was given, what became of it, and the difference.
    case edited = "before and after"

    static func all(of kind: Dataset.Kind, isEdited: Bool = false) -> [View] {
      switch kind {
      case .image where isEdited: [.edited, .noisy, .prediction, .noise, .change]
      case .image: [.noisy, .prediction, .noise, .change]
      case .points: [.noisy, .prediction, .noise, .change, .trails, .field]
      case .signal: [.noisy, .prediction, .noise, .change, .overlaid]
      case .text: [.noisy, .prediction]
      }
    }
  }

  struct ValueKey: Equatable {
    var request: Int
    var frame: Int
    var view: View
  }

  func view(in panel: Panel) -> View { panel == .samples ? leftView : rightView }

  /// The next view of the panel with the focus, or of the right one.
  mutating func showNextView(_ session: inout Session) {
    let panel: Panel = focus.panel == .samples ? .samples : .predictions
    // Arrows need a plane.
    let isPlane = session.format?.shape.sampleCount == 2
    let all = View.all(
      of: session.format?.kind ?? .image, isEdited: edited != nil && panel == .predictions
    ).filter { $0 != .field || isPlane }
    let index = all.firstIndex(of: view(in: panel)) ?? 0
    let next = all[(index + 1) % all.count]
    if panel == .samples { leftView = next } else { rightView = next }
    // Where the selected sample has its place, the right panel comes back.
    if focus.panel == .selected, !focus.isZoomed { focus.panel = .predictions }
    session.note("\(panel == .samples ? "left" : "right"): \(next.rawValue)")
  }

  /// The numbers that a view shows of a frame.
  func values(of frame: Frame, _ view: View) -> [Float] {
    switch view {
    case .noisy, .trails, .field, .overlaid: frame.x
    case .prediction, .edited: frame.x0
    case .noise: noise(of: frame)
    case .change: change(of: frame)
    }
  }

  /// ε̂ = (x_t − α·x̂_0)/σ; 0 where there is no noise.
  private func noise(of frame: Frame) -> [Float] {
    let level = frame.level
    guard level.sigma > 0 else { return Array(repeating: 0, count: frame.x.count) }
    let (alpha, sigma) = (Float(level.alpha), Float(level.sigma))
    return zip(frame.x, frame.x0).map { ($0 - alpha * $1) / sigma }
  }

  private func change(of frame: Frame) -> [Float] {
    guard let before = before(frame) else { return Array(repeating: 0, count: frame.x0.count) }
    return zip(frame.x0, before.x0).map { $0 - $1 }
  }

  /// The frame before one, where there is one.
  private func before(_ frame: Frame) -> Frame? {
    guard frame.index > 0, frame.index <= recording.count else { return nil }
    return try? recording.frame(at: frame.index - 1)
  }

  // MARK: Drawing

  /// What a panel shows of a frame, and what stands at the panel's edge.
  func shown(
    _ frame: Frame, in panel: Panel, _ context: DrawingContext
  ) -> (view: SampleView, info: String) {
    let shownView = self.view(in: panel)
    let isLeft = panel == .samples
    let key = ValueKey(request: requestNumber, frame: frame.index, view: shownView)
    let values = (isLeft ? leftValues : rightValues).value(for: key) {
      self.values(of: frame, shownView)
    }
    var view = SampleView(
      scaled(values, shownView, context), shape: frame.shape, context)
    view.showsAll = focus.isZoomed
    view.selected = selected
    view.useImages(
      of: isLeft ? noisyImages : predictedImages, requestNumber, frame,
      variant: shownView.rawValue)
    switch shownView {
    case .prediction where view.format?.text != nil:
      view.colour(by: frame)
      let confidence = view.text?.confidence ?? []
      let mean = confidence.reduce(0) { $0 + Double($1) } / Double(max(confidence.count, 1))
      return (view, "confidence \(Numbers.fixed(100 * mean, 0)) %")
    case .prediction, .edited:
      return (view, "\(Numbers.fixed(frame.outOfRangeFraction * 100, 0)) % out of range")
    case .noise:
      view.dataset = nil
      view.reach = 4
    case .change:
      view.dataset = nil
      view.trails = steps(to: frame, context)
    case .noisy, .overlaid: prepareNoisy(&view, frame, shownTrails, context)
    case .trails: prepareNoisy(&view, frame, manyTrails, context)
    case .field:
      prepareNoisy(&view, frame, [], context)
      view.reach = fieldReach(frame, context.session)
      if let field, field.key.request == requestNumber {
        view.arrows = field.arrows
        view.shade = { field.density(at: $0) }
      }
    }
    view.isOverlaid = shownView == .overlaid
    guard shownView == .noise || shownView == .change else {
      return (view, weightsText(context.session))
    }
    return (view, "RMS \(Numbers.fixed(rootMeanSquare(values), 3))")
  }

  private func prepareNoisy(
    _ view: inout SampleView, _ frame: Frame, _ trails: [[ScatterPlot.Point]],
    _ context: DrawingContext
  ) {
    view.place = Self.place(of: frame)
    view.colour(by: frame, after: frame.isOfText ? before(frame) : nil)
    view.trails = trails
    view.reach = shownReach(frame, context.session)
  }

  /// At the scale of x_T the field of the last frames would be a few arrows.
  func fieldReach(_ frame: Frame, _ session: Session) -> Double {
    SampleView.reach(of: frame.x, session.format)
  }

  func shownReach(_ frame: Frame, _ session: Session) -> Double {
    fitsPoints ? SampleView.reach(of: frame.x, session.format) : reach
  }

  /// Numbers that are not of the data's kind, moved into its range.
  ///
  /// Noise of 2.5 and a change of half the range reach its ends. Points stay what they are.
  private func scaled(
    _ values: [Float], _ view: View, _ context: DrawingContext
  ) -> [Float] {
    guard let format = context.session.format, format.kind != .points else {
      return view == .change ? frame?.x0 ?? values : values
    }
    let middle = (format.range.lowerBound + format.range.upperBound) / 2
    let half = (format.range.upperBound - format.range.lowerBound) / 2
    switch view {
    case .noise: return values.map { middle + $0 / 2.5 * half }
    case .change: return values.map { middle + 2 * $0 }
    case .noisy where format.sound != nil && format.kind == .signal:
      // As networks get it: far beyond full scale all noise would look alike.
      return frame?.scaledX ?? values
    default: return values
    }
  }

  /// From where each point was believed to be, in the frame before, to where it is believed to be now.
  private func steps(to frame: Frame, _ context: DrawingContext) -> [[ScatterPlot.Point]] {
    guard context.session.format?.kind == .points, let before = before(frame) else { return [] }
    return zip(ScatterPlot.points(before.x0), ScatterPlot.points(frame.x0)).map { [$0, $1] }
  }

  /// The ways of as many points as are seen, by at most so many stretches each.
  private var manyTrails: [[ScatterPlot.Point]] {
    guard let frame, !trails.isEmpty else { return [] }
    let count = min(frame.shape.batch, 100)
    let last = min(frame.index, trails.count - 1)
    let places = evenPlaces(min(last + 1, 24), through: last)
    return (0..<count).map { sample in
      places.compactMap { trails[$0].indices.contains(sample) ? trails[$0][sample] : nil }
    }
  }
}
