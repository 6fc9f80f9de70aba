import Diffusion
import TUI

/// Painting by keys and mouse: a mask, or the pixels of a sample at the frame in view.
extension DenoiseScreen {
  static let paintingKeys: [KeyBinding] = KeyBinding.group(
    "Painting", in: [.painting],
    [
      .init([.left], .change(-1), "left", help: "Move the cursor left"),
      .init([.right], .change(1), "right", help: "Move the cursor right"),
      .init([.up], own(Command.up), "up", help: "Move the cursor up"),
      .init([.down], own(Command.down), "down", help: "Move the cursor down"),
      .init([.shiftLeft], .change(-10), "far left", help: "Move the cursor ten pixels left"),
      .init([.shiftRight], .change(10), "far right", help: "Move the cursor ten pixels right"),
      .init([.shiftUp], own(Command.farUp), "far up", help: "Move the cursor ten pixels up"),
      .init(
        [.shiftDown], own(Command.farDown), "far down", help: "Move the cursor ten pixels down"),
      .init([.home], .home, "first column", help: "Move the cursor to the left edge"),
      .init([.end], .end, "last column", help: "Move the cursor to the right edge"),
      .init([.enter], .enter, "paint", help: "Paint the pixel, as space does"),
      .init([.pageUp], own(Command.lighter), "lighter", help: "Paint lighter", prominence: 72),
      .init([.pageDown], own(Command.darker), "darker", help: "Paint darker", prominence: 71),
    ])

  /// Opens a canvas for what is looked at, or closes it.
  mutating func togglePainting(_ session: inout Session) {
    guard offersEditing, let shape = session.format?.shape else {
      return session.note("only images can be painted on")
    }
    if canvas != nil {
      closeCanvas()
      return session.note("painting ended")
    }
    let paintsMask = editing.settings.task == .inpaint && !isOnSamples
    if paintsMask {
      guard let format = session.format, let picture = editing.picture(format, session.dataset),
        let hidden = try? editing.hidden.pixels(of: shape)
      else { return session.note("there is no image to paint a mask on") }
      canvas = Canvas(shape, picture: picture, hidden: hidden)
      session.note("mask: space hides or shows a pixel; so does the mouse")
    } else {
      guard let frame, !frame.isLast else {
        return session.note("nothing follows the last frame; go to an earlier one to paint on it")
      }
      scrub(to: frame.index)
      canvas = Canvas(shape)
      session.note(
        "painting x_t of sample \(min(selected, frame.shape.batch - 1) + 1); the frames after it follow"
      )
    }
    (focus.panel, focus.isZoomed) = (.canvas, false)
  }

  mutating func closeCanvas() {
    if focus.panel == .canvas {
      (focus.panel, focus.isZoomed) = (canvas?.isMask == true ? .edit : .samples, false)
    }
    canvas = nil
  }

  var paintTitle: KeyTitle {
    if canvas != nil { return .named("stop painting") }
    if editing.settings.task == .inpaint, !isOnSamples { return .named("paint the mask") }
    return offersEditing && frame?.isLast == false ? .named("paint pixels") : .notOffered
  }

  // MARK: The cursor

  mutating func moveCursor(_ x: Int, _ y: Int) { canvas?.move(x, y) }

  mutating func changeBrush(by steps: Int, _ session: inout Session) {
    guard let isMask = canvas?.isMask, !isMask else { return }
    canvas?.changeBrush(by: steps)
    session.note("brush \(Numbers.fixed(canvas?.brush ?? 0, 2)), from 0 (black) to 1 (white)")
  }

  /// What keys do on the canvas.
  mutating func paint(_ action: Action, _ session: inout Session) -> [Effect] {
    guard let canvas else { return [] }
    switch action {
    case .change(let steps): moveCursor(steps, 0)
    case .home: moveCursor(-canvas.shape.width, 0)
    case .end: moveCursor(canvas.shape.width, 0)
    case .enter, .play: paint(canvas.cursor, hides: !canvas.isHidden(canvas.cursor), session)
    case .back: closeCanvas()
    default: break
    }
    return []
  }

  /// What the mouse does: a click paints one pixel, a drag all that it meets in the same way.
  mutating func paint(_ event: MouseEvent, in inner: Rect, _ session: Session) {
    guard let places = canvas?.places(in: inner) else { return }
    let point = places.point(atX: event.x, y: event.y)
    switch event.action {
    case .press:
      guard let point, let canvas else { return }
      let hides = !canvas.isHidden(point)
      self.canvas?.stroke = hides
      paint(point, hides: hides, session)
    case .drag:
      guard let point, let hides = canvas?.stroke else { return }
      paint(point, hides: hides, session)
    case .release:
      // The view may follow the cursor only where nothing is dragged.
      canvas?.stroke = nil
      if let point { canvas?.put(point) }
    default: break
    }
  }

  /// Paints one pixel; the samples follow soon.
  private mutating func paint(_ point: Canvas.Point, hides: Bool, _ session: Session) {
    guard let canvas else { return }
    if canvas.isMask {
      self.canvas?.hide(point, hides)
      if let hidden = self.canvas?.hidden { editing.hidden = .painted(hidden) }
    } else {
      guard let shown = frame, !shown.isLast, let range = session.format?.range else { return }
      // What was painted just before may not be in view yet.
      let frame = mark?.frame.index == shown.index ? mark?.frame ?? shown : shown
      let index = min(selected, frame.shape.batch - 1)
      let values = canvas.painted(
        frame.shape.sample(index, of: frame.x), at: point,
        Self.value(brush: canvas.brush, at: frame.level, range))
      var x = frame.x
      let size = frame.shape.sampleCount
      x.replaceSubrange(index * size..<(index + 1) * size, with: values)
      let changed = frame.replacing(x: x)
      setMark(changed, session)
      self.frame = changed
    }
    hasPainted = true
  }

  /// The value of a pixel of x_t: that of the data, times the size that x_t has at its level.
  private static func value(
    brush: Double, at level: NoiseLevel, _ range: ClosedRange<Float>
  ) -> Float {
    let value = Double(range.lowerBound) + brush * Double(range.upperBound - range.lowerBound)
    let size = (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot()
    return Float(value * size)
  }

  // MARK: Drawing

  func drawCanvas(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard let canvas else { return }
    let title = canvas.isMask ? "mask" : "paint x_t"
    let cursor = canvas.cursor
    let done = context.session.label(of: Self.own(Command.paint), usually: "P")
    let state = canvas.isMask ? (canvas.isHidden(cursor) ? "hidden" : "kept") : brushText(canvas)
    let inner = frame(
      .canvas, .init(title), info: .init("\(cursor.x + 1), \(cursor.y + 1) · \(state)"),
      foot: .init("\(canvas.isMask ? "▒ is inpainted" : "pgup pgdn brush") · \(done) ends"),
      in: area, context, on: &surface)
    let range = context.session.format?.range ?? -1...1
    let values: [Float]
    if canvas.isMask {
      values = canvas.picture
    } else if let frame {
      values = frame.shape.sample(min(selected, frame.shape.batch - 1), of: frame.x)
    } else {
      return drawNothingYet(in: inner, context, &surface)
    }
    canvas.draw(
      values, range: range, showsCursor: focus.panel == .canvas, in: inner,
      context.theme, &surface)
  }

  private func brushText(_ canvas: Canvas) -> String {
    "brush \(Numbers.fixed(canvas.brush, 2))"
  }
}
