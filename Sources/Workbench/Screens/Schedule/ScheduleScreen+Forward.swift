import Diffusion
import TUI

/// The forward process, played on an example: what is left of the data, the noise beside it, and their sum.
extension ScheduleScreen {
  struct Forward: Sendable {
    /// Whether it is shown in place of the timesteps side by side.
    var isShown = false
    var isPlaying = false
    /// The share of the way from x_0 to x_T.
    var place = 0.0

    /// Frames from end to end, and seconds from one to the next.
    static let frames = 60
    static let interval = 1.0 / 20

    mutating func move(by steps: Int) {
      isPlaying = false
      isShown = true
      place = min(max(place + Double(steps) / Double(Self.frames), 0), 1)
    }

    mutating func toggle() {
      if !isPlaying, place >= 1 || !isShown { place = 0 }
      isPlaying.toggle()
      isShown = true
    }

    mutating func playOn() {
      guard isPlaying else { return }
      place = min(place + 1 / Double(Self.frames), 1)
      if place >= 1 { isPlaying = false }
    }
  }

  /// The timestep in view.
  var forwardTimestep: Int {
    Int((forward.place * Double(schedule.count - 1)).rounded())
  }

  mutating func goForward(to place: Double) {
    (forward.isPlaying, forward.isShown, forward.place) = (false, true, min(max(place, 0), 1))
  }

  /// The cells of the images and of the bar below them.
  private func forwardAreas(in inner: Rect) -> (images: Rect, bar: Rect) {
    let rows = inner.rows(.fraction(1), .fixed(1))
    return (rows[0], rows[1].inset(left: 4, right: 4))
  }

  /// What a click on the bar goes to.
  func forwardPlace(atColumn x: Int, in inner: Rect) -> Double {
    let bar = forwardAreas(in: inner).bar
    return Double(x - bar.x) / Double(max(bar.width - 1, 1))
  }

  func drawForward(
    _ strip: NoiseStrip, in inner: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let areas = forwardAreas(in: inner)
    if strip.dataset.maskedText != nil {
      drawForwardText(strip, in: areas.images, context, &surface)
      return drawBar(areas.bar, context.theme, &surface)
    }
    let parts = forwardParts.value(for: context.session.number) { strip.parts }
    let level = schedule[forwardTimestep]
    // At the data's size, as networks see it, where variance grows without bound.
    let size = (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot()
    let (alpha, sigma) = (Float(level.alpha / size), Float(level.sigma / size))
    let data = parts.x0.map { alpha * $0 }
    let noise = parts.epsilon.map { sigma * $0 }
    let sum = zip(data, noise).map { $0 + $1 }
    let shown = [
      ("\(Numbers.fixed(Double(alpha), 2)) · x_0", data),
      ("+ \(Numbers.fixed(Double(sigma), 2)) · ε", noise), ("= x_t", sum),
    ]
    let cells = areas.images.columns(Array(repeating: .fraction(1), count: 3), gap: 2)
    for ((name, values), cells) in zip(shown, cells) {
      let rows = cells.rows(.fraction(1), .fixed(1))
      var view = SampleView(
        values, shape: strip.dataset.shape.with(batch: parts.count), context)
      view.place = 1 - forward.place
      view.reach = max(SampleView.reach(of: context.session.format), 3)
      view.dataset = nil
      view.draw(in: rows[0], &surface)
      surface.put(name, in: rows[1], alignment: .center, style: Ink.dim.style(in: context.theme))
    }
    drawBar(areas.bar, context.theme, &surface)
  }

  /// As many texts as there is room for, with the masked share of the timestep in view.
  private func drawForwardText(
    _ strip: NoiseStrip, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let count = min(strip.dataset.count, 64)
    let tokens = (0..<count).flatMap { sample in
      strip.noised(sample * strip.dataset.count / count, at: forwardTimestep)
    }
    SampleView(tokens, shape: strip.dataset.shape.with(batch: count), context).draw(
      in: area, &surface)
  }

  /// The way from x_0 to x_T in the noise ramp.
  private func drawBar(_ bar: Rect, _ theme: Theme, _ surface: inout Surface) {
    guard bar.width > 1 else { return }
    let dim = Ink.dim.style(in: theme)
    surface.put("x_0", x: bar.x - 4, y: bar.y, style: dim)
    surface.put("x_T", x: bar.maxX + 1, y: bar.y, style: dim)
    let marker = Int((forward.place * Double(bar.width - 1)).rounded())
    for column in 0..<bar.width {
      let ink = Ink.noise(1 - Double(column) / Double(bar.width - 1))
      surface.put(
        column == marker ? "●" : column < marker ? "█" : "░", x: bar.x + column, y: bar.y,
        style: column == marker ? Ink.accent.style(in: theme).bold : ink.style(in: theme))
    }
  }
}
