import Diffusion
import TUI

/// What the mouse does in the panels, and what is exported.
extension InsideScreen {
  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    guard event.action != .release else { return }
    let (x, y) = (event.x, event.y)
    switch panel {
    case .level:
      let last = Double(max(steps(context.session).count - 1, 0))
      let share = timeline(context.session).position(atColumn: x, in: inner.row(inner.height - 1))
      scrub(to: Int((share * last).rounded()), context.session)
    case .network where event.action == .press:
      if let row = layerTable(in: inner).row(atY: y, in: inner) { layer = row }
    case .output where isOnAttention:
      if let place = attentionQuery(atX: x, y: y, in: inner, context) { query = place }
    case .output where event.action == .press: touchOutput(x, y, in: inner, context)
    case .data where event.action == .press: touchData(x, y, in: inner, context)
    case .sample where event.action == .press: touchNearest(x, y, in: inner, context)
    default: break
    }
    isStale = true
  }

  private mutating func touchOutput(
    _ x: Int, _ y: Int, in inner: Rect, _ context: DrawingContext
  ) {
    guard let shape = capture?.output.shape else { return }
    if shape.height > 1 {
      let area = mapAreas(in: inner).grid
      let index = mapGrid(in: area, context).layout(in: area)?.index(atX: x, y: y)
      if let index { channel = index }
    } else if shape.width == 1, let unit = bars.index(atColumn: x, in: inner) {
      channel = unit
    }
  }

  private mutating func touchData(_ x: Int, _ y: Int, in inner: Rect, _ context: DrawingContext) {
    let area = dataAreas(in: inner).samples
    guard let selection = selection(context.session), area.contains(x: x, y: y) else { return }
    switch selection.dataset.kind {
    case .image:
      guard let (grid, first) = pageGrid(selection, in: area, context),
        let index = grid.layout(in: area)?.index(atX: x, y: y)
      else { return }
      place = first + index
    case .signal:
      let page = signalPage(selection, in: area)
      place = page.first + min((y - area.y) * page.count / max(area.height, 1), page.count - 1)
    case .points: return
    case .text:
      guard let (view, first) = textPage(selection, context),
        let index = view.index(atX: x, y: y, in: area)
      else { return }
      place = first + index
    }
    showsGenerated = false
  }

  /// A nearest training sample becomes the selected one.
  private mutating func touchNearest(
    _ x: Int, _ y: Int, in inner: Rect, _ context: DrawingContext
  ) {
    guard let shape = context.session.format?.shape else { return }
    let area = sampleAreas(
      in: inner, of: Size(shape.width, shape.height), style: context.imageStyle
    ).nearest
    guard let index = nearestGrid(in: area, context)?.layout(in: area)?.index(atX: x, y: y),
      let item = nearest?.items[index]
    else { return }
    (label, showsGenerated, place) = (nil, false, item.index)
  }

  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect] {
    isStale = true
    let focused = focus.panel
    focus.panel = panel
    let effects = perform(.change(-direction), &session)
    focus.panel = focused
    return effects
  }

  // MARK: Export

  var exportTitle: KeyTitle {
    switch focus.panel {
    case .output: capture.map { $0.output.shape.height > 1 } == true ? .asTable : .notOffered
    case .sample, .data: .asTable
    case .network, .level, .selection: .notOffered
    }
  }

  mutating func export(_ session: inout Session) -> [Effect] {
    let folder = session.facts?.folder.map { $0 + "/" } ?? ""
    switch focus.panel {
    case .output:
      guard let capture, capture.output.shape.height > 1 else { break }
      let name = "layer-\(capture.key.layer + 1)-step-\(capture.key.weights)"
      return [exportMaps(capture, to: "\(folder)\(name).png")]
    case .data:
      guard let selection = selection(session), selection.count > 0 else { break }
      let first = max(0, min(place - 50, selection.count - 100))
      let samples = (first..<min(first + 100, selection.count)).map {
        selection.dataset.sample(at: selection.index(at: $0))
      }
      return [
        .export(
          ExportRequest(
            path: "\(folder)data-\(first + 1).png", format: selection.dataset.format,
            samples: samples))
      ]
    case .sample:
      guard let sample = sample(session), let format = session.format else { break }
      let near = session.dataset.flatMap { dataset in
        nearest?.items.map { dataset.sample(at: $0.index) }
      }
      let request = ExportRequest(
        path: "\(folder)sample-\(isGenerated(session) ? generatedIndex + 1 : place + 1).png",
        format: format, samples: [sample.x0, sample.shown] + (near ?? []))
      return [.export(request)]
    case .network, .level, .selection: break
    }
    session.note("nothing to export yet")
    return []
  }

  /// All channels, or the weights of the query, each from its lowest value to its highest.
  private func exportMaps(_ capture: LayerCapture, to path: String) -> Effect {
    let shape = capture.output.shape
    var maps = (0..<shape.channels).map { capture.output.channel($0) }
    if isOnAttention {
      maps = [queryWeights]
    }
    let format = SampleFormat(
      kind: .image, shape: Shape(1, shape.height, shape.width, 1), range: 0...1)
    let samples = maps.map { values in
      let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
      return values.map { greatest > least ? ($0 - least) / (greatest - least) : 0 }
    }
    return .export(ExportRequest(path: path, format: format, samples: samples))
  }
}
