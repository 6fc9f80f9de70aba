import Diffusion
import TUI

/// The panels of the Denoise screen.
extension WorkbenchApplication {
  func drawNoisySamples(in area: Rect, _ surface: inout Surface) {
    let denoise = model.denoise
    let inner = frame(
      .samples, "x_t", info: "weights of step \(Numbers.grouped(denoise.weightsStep))", in: area,
      &surface)
    guard let frame = denoise.frame else { return drawNothingYet(in: inner, &surface) }
    var view = SampleView(self, frame.x, shape: frame.shape, isNoisy: true)
    view.selected = denoise.selected
    view.trails = trails(upTo: frame)
    view.draw(in: inner, &surface)
  }

  func drawPredictions(in area: Rect, _ surface: inout Surface) {
    if let compared = model.denoise.comparedFrame, let kept = model.denoise.compared {
      let setting =
        "\(kept.sampling.sampler.name) \(kept.sampling.steps) · \(kept.schedule.name)"
      let inner = frame(
        .predictions, "x_t of the kept setting", info: .init(setting), in: area, &surface)
      SampleView(self, compared.x, shape: compared.shape, isNoisy: true).draw(in: inner, &surface)
      return
    }
    let denoise = model.denoise
    let outside =
      denoise.frame.map { "\(Numbers.fixed($0.outside * 100, 0)) % outside the range" } ?? ""
    let inner = frame(.predictions, "predicted x₀", info: .init(outside), in: area, &surface)
    guard let frame = denoise.frame else { return drawNothingYet(in: inner, &surface) }
    var view = SampleView(self, frame.x0, shape: frame.shape, isNoisy: false)
    view.selected = denoise.selected
    view.draw(in: inner, &surface)
  }

  private func drawNothingYet(in area: Rect, _ surface: inout Surface) {
    let problem = model.denoise.problem
    let waits = model.denoise.wantsWeights || model.denoise.number > 0
    let text = problem ?? (waits ? "drawing the first samples" : "no samples yet – press s")
    Text.placeholder(StyledText(text, problem == nil ? nil : .error)).draw(
      in: area, on: &surface, theme: theme)
  }

  /// The paths of points from noise to the frame in view; nothing for other data.
  private func trails(upTo frame: Frame) -> [[ScatterPlot.Point]] {
    guard model.train.facts?.format.kind == .points else { return [] }
    let recording = model.denoise.recording
    let frames = (0...frame.index).compactMap { try? recording.frame(at: $0) }
    // A few show how points move; all of them would hide the points.
    let stride = max(1, frame.shape.batch / 12)
    return (0..<frame.shape.batch).filter { $0 % stride == 0 }.map { sample in
      frames.map { ScatterPlot.Point(Double($0.x[2 * sample]), Double($0.x[2 * sample + 1])) }
    }
  }

  func drawTimeline(in area: Rect, _ surface: inout Surface) {
    let denoise = model.denoise
    var info: StyledText = ""
    if let frame = denoise.frame {
      info = .init(place(of: frame))
    }
    let symbol = denoise.isPlaying ? "▶" : "‖"
    let change = denoise.frame.map { "  change \(Numbers.short($0.change))" } ?? ""
    let foot = StyledText("\(symbol) \(Numbers.fixed(denoise.speed, 0)) frames/s" + change)
    let inner = frame(.timeline, "timeline", info: info, foot: foot, in: area, &surface)
    timeline.draw(in: inner, on: &surface, theme: theme)
  }

  var timeline: Timeline {
    let denoise = model.denoise
    let last = Double(max(denoise.total - 1, 1))
    var timeline = Timeline(
      Double(denoise.position) / last,
      available: Double(max(denoise.recording.count - 1, 0)) / last,
      curve: denoise.recording.changes.dropFirst() + [])
    if let compared = denoise.compared, let frame = denoise.comparedFrame {
      timeline.other = Double(frame.index) / Double(max(compared.recording.count - 1, 1))
    }
    return timeline
  }

  /// Frame, timestep, noise and signal of a frame, at fixed widths.
  private func place(of frame: Frame) -> String {
    let number = Numbers.grouped(frame.index).fitted(
      to: Numbers.grouped(frame.total - 1).count, alignment: .right)
    let t = frame.timestep < 0 ? "–" : Numbers.fixed(frame.timestep, 0)
    return
      "frame \(number) / \(Numbers.grouped(frame.total - 1)) · t \(t.fitted(to: 4, alignment: .right))"
      + " · σ \(Numbers.short(frame.level.ratio).fitted(to: 7, alignment: .right))"
      + " · SNR \(Numbers.fixed(frame.level.decibels, 1).fitted(to: 6, alignment: .right)) dB"
  }

  func drawSampler(in area: Rect, _ surface: inout Surface) {
    let fields = model.fields(of: .sampler).count
    let advice = advice(on: .sampler)
    let room = Panel.inner(area)
    let lines = Text([advice]).wrapped(to: max(room.width - 2, 1))
    // Where it fits beneath the fields it is not cut.
    let isBeneath = room.height > fields + lines.count
    let inner = frame(
      .sampler, "sampler", info: .init(model.samplingSchedule.name),
      foot: isBeneath ? "" : advice, in: area, &surface)
    form(of: .sampler, labelWidth: 8, valueWidth: 11).draw(in: inner, on: &surface, theme: theme)
    if isBeneath {
      Text(lines, ink: .dim).draw(
        in: inner.inset(columns: 1).inset(top: fields + 1), on: &surface, theme: theme)
    }
  }

  func drawSelected(in area: Rect, _ surface: inout Surface) {
    let denoise = model.denoise
    guard let frame = denoise.frame else {
      _ = self.frame(.selected, "selected sample", in: area, &surface)
      return
    }
    let index = min(denoise.selected, frame.shape.batch - 1)
    let inner = self.frame(
      .selected, "selected sample", info: "\(index + 1) of \(frame.shape.batch)", in: area,
      &surface)
    let size = frame.shape.sampleCount
    let x = Array(frame.x[index * size..<(index + 1) * size])
    let x0 = Array(frame.x0[index * size..<(index + 1) * size])
    guard let facts = model.train.facts, facts.format.kind == .image else {
      return drawCoordinates(x, x0, in: inner, &surface)
    }
    let neighbor = model.nearest(to: x0)
    var pictures = [x, x0]
    var labels = ["x_t", "x₀"]
    if let neighbor, let dataset = facts.dataset {
      pictures.append(dataset.sample(at: neighbor.index))
      labels.append("nearest")
    }
    let shape = frame.shape.with(batch: 1)
    var grid = TUI.ImageGrid(
      pictures.map { PixelImage($0, sample: 0, shape: shape, range: facts.format.range) },
      style: pictureStyle)
    grid.labels = labels
    grid.atLeast = pictures.count
    let rows = inner.rows(.fraction(1), .fixed(neighbor == nil ? 0 : 1))
    grid.draw(in: rows[0], on: &surface, theme: theme)
    if let neighbor, let dataset = facts.dataset {
      let label = dataset.labels.map { dataset.classNames[$0[neighbor.index]] } ?? "–"
      let distance = neighbor.distance / Double(size).squareRoot()
      Text(
        ["nearest in training: \(label), RMS \(Numbers.fixed(distance, 3)) away"], ink: .dim,
        alignment: .center
      ).draw(in: rows[1], on: &surface, theme: theme)
    }
  }

  private func drawCoordinates(
    _ x: [Float], _ x0: [Float], in area: Rect, _ surface: inout Surface
  ) {
    func list(_ values: [Float]) -> String {
      values.prefix(4).map { Numbers.fixed(Double($0), 3).fitted(to: 8, alignment: .right) }
        .joined()
        + (values.count > 4 ? " …" : "")
    }
    KeyValueList([
      .init("x_t", .init(list(x))), .init("x₀", .init(list(x0))),
    ]).draw(in: area, on: &surface, theme: theme)
  }

  func drawNoise(in area: Rect, _ surface: inout Surface) {
    let denoise = model.denoise
    let inner = frame(.noise, "noise", info: "σ over frames", in: area, &surface)
    let levels = denoise.recording.levels.map { $0.ratio > 0 ? $0.ratio : .nan }
    let top = levels.first { $0.isFinite } ?? 1
    var chart = LineChart([
      LineChart.Series(
        "σ", values: levels, ink: .series(0),
        inkAt: { .noise($0 / Double(max(levels.count - 1, 1))) })
    ])
    chart.yScale = .log
    chart.yRange = min(0.01, top / 2)...max(top, 0.02)
    chart.xRange = 0...Double(max(denoise.total - 1, 1))
    chart.xName = "frame"
    chart.cursor = Double(denoise.position)
    chart.legend = .none
    chart.draw(in: inner, on: &surface, theme: theme)
  }
}
