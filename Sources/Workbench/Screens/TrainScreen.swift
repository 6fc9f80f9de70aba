import Diffusion
import TUI

/// The panels of the Train screen.
extension WorkbenchApplication {
  func drawLoss(in area: Rect, _ surface: inout Surface) {
    let train = model.train
    let scale = train.isLogarithmic ? "log" : "linear"
    let inner = frame(
      .loss, "loss", info: "\(scale) · \(train.axis.rawValue)", foot: lossFoot, in: area, &surface)
    let points = visiblePoints
    let smoothed = train.history.smoothedLosses(weight: train.smoothing)
      .suffix(points.count)
    var chart = LineChart([
      LineChart.Series(
        "raw",
        points: points.map {
          CurvePoint(x: x(of: $0), y: $0.loss, low: $0.lowestLoss, high: $0.highestLoss)
        }, ink: .faint),
      LineChart.Series(
        "smoothed", points: zip(points, smoothed).map { CurvePoint(x: x(of: $0), y: $1) },
        ink: .series(0)),
    ])
    chart.yScale = train.isLogarithmic ? .log : .linear
    chart.legend = .none
    chart.xName = train.axis.rawValue
    chart.marks = train.history.marks.compactMap { mark in
      points.last { $0.step <= mark.step }.map { LineChart.Mark(x: x(of: $0), label: mark.label) }
    }
    if let cursor = train.cursor, let first = points.first, let last = points.last {
      chart.cursor = x(of: first) + cursor * (x(of: last) - x(of: first))
    }
    chart.placeholder =
      if !train.recipe.hasData {
        "this network came trained – 2 makes samples"
      } else if train.phase == .preparing {
        "preparing data and network"
      } else {
        "waiting for the first step – just warming up"
      }
    chart.draw(in: inner, on: &surface, theme: theme)
  }

  /// The points that the zoom shows.
  private var visiblePoints: [RunHistory.Point] {
    let points = model.train.history.points
    let count = max(2, Int((Double(points.count) * model.train.span).rounded(.up)))
    return points.suffix(count)
  }

  private func x(of point: RunHistory.Point) -> Double {
    switch model.train.axis {
    case .step: return Double(point.step)
    case .seconds: return point.seconds
    case .epoch:
      let (samples, training) = (
        Double(model.train.facts?.dataset?.count ?? 1), model.train.recipe.training
      )
      return Double(point.step * training.batchSize * training.accumulate) / samples
    }
  }

  private var lossFoot: StyledText {
    let train = model.train
    guard let last = train.history.last,
      let smoothed = train.history.smoothedLosses(weight: train.smoothing).last
    else { return "" }
    return "raw \(Numbers.fixed(last.loss ?? .nan, 4))  "
      + StyledText("smoothed \(Numbers.fixed(smoothed, 4))", .series(0))
      + StyledText(" (\(Numbers.fixed(train.smoothing, 2)))", .dim)
  }

  func drawNoiseLevels(in area: Rect, _ surface: inout Surface) {
    let window = model.train.noiseLevels
    let steps = model.train.schedule.timesteps
    let bins = NoiseLevelWindow.bins
    var foot: StyledText = ""
    let losses = window.losses
    if let hardest = window.hardest {
      let first = hardest * steps / bins
      let last = max(first, (hardest + 1) * steps / bins - 1)
      foot = "hardest now: t \(first)–\(last), \(Numbers.fixed(losses[hardest], 3))"
    }
    let inner = frame(
      .noiseLevels, "loss by noise level", info: "last \(window.length) steps", foot: foot,
      in: area, &surface)
    // Low noise at the left, where t is 0: the ramp runs from data to noise. As many bars as there
    // are columns beside the axis.
    let columns = max(bins, inner.width - 7)
    var chart = BarChart((0..<columns).map { losses[$0 * bins / columns] }) {
      .noise(1 - Double($0) / Double(columns - 1))
    }
    chart.labels = (0..<4).map {
      BarChart.Label($0 * columns / 4, $0 == 0 ? "t 0" : Numbers.grouped($0 * steps / 4))
    }
    chart.placeholder = "no steps yet"
    chart.draw(in: inner, on: &surface, theme: theme)
  }

  func drawSigmas(in area: Rect, _ surface: inout Surface) {
    let inner = frame(.sigmas, "σ seen", info: "log σ", in: area, &surface)
    let counts = model.train.noiseLevels.sigmaCounts.map { $0 > 0 ? Double($0) : .nan }
    let bins = NoiseLevelWindow.sigmaBins
    let columns = max(1, inner.width)
    var chart = BarChart((0..<columns).map { counts[$0 * bins / columns] }) {
      .noise(1 - Double($0) / Double(max(columns - 1, 1)))
    }
    // One label a decade of σ, from a thousandth to a thousand.
    chart.labels = ["", "0.01", "", "1", "", "100"].enumerated().map {
      BarChart.Label($0 * columns / 6, $1)
    }
    chart.showsAxis = false
    chart.placeholder = "no steps yet"
    chart.draw(in: inner, on: &surface, theme: theme)
  }

  func drawGradient(in area: Rect, _ surface: inout Surface) {
    let norms = model.train.history.points.map(\.gradientNorm)
    let now = model.train.history.last.map { Numbers.fixed($0.gradientNorm ?? .nan, 3) } ?? "–"
    let inner = frame(.gradient, "gradient norm", info: .init(now), in: area, &surface)
    Sparkline(
      values: norms, ink: .series(1), scale: .log, placeholder: "no steps yet"
    ).draw(in: inner, on: &surface, theme: theme)
  }

  func drawPreview(in area: Rect, _ surface: inout Surface) {
    let preview = model.train.preview
    let sampling = model.train.recipe.preview.sampling
    var info = StyledText("\(sampling.sampler.name) \(sampling.steps)")
    if let frame = preview.frame {
      info =
        "EMA of step \(Numbers.grouped(preview.weightsStep)) · " + info
        + " · σ \(Numbers.short(frame.level.ratio))"
    }
    let inner = frame(.preview, "samples", info: info, in: area, &surface)
    guard let frame = preview.frame else {
      Text.placeholder("the first samples come with the first weights").draw(
        in: inner, on: &surface, theme: theme)
      return
    }
    let rows = inner.rows(.fraction(1), .fixed(1))
    SampleView(self, frame.x, shape: frame.shape, isNoisy: true).draw(in: rows[0], &surface)
    Timeline(
      Double(frame.index) / Double(max(frame.total - 1, 1)),
      available: preview.available
    ).draw(in: rows[1], on: &surface, theme: theme)
  }

  func drawRun(in area: Rect, _ surface: inout Surface) {
    let train = model.train
    let inner = frame(
      .run, "run", info: .init(train.savedStep.map { "saved at \(Numbers.grouped($0))" } ?? ""),
      foot: advice(on: .run), in: area, &surface)
    let fields = model.fields(of: .run).count
    let numbers = min(5, max(0, inner.height - fields))
    let rows = inner.rows(.fixed(numbers), .fraction(1))
    drawNumbers(in: rows[0], &surface)
    form(of: .run, labelWidth: 13, valueWidth: 8).draw(in: rows[1], on: &surface, theme: theme)
  }

  private func drawNumbers(in area: Rect, _ surface: inout Surface) {
    let train = model.train
    let step = train.history.last?.step ?? train.facts?.firstStep ?? 0
    let total = train.lastStep
    let left = train.history.secondsLeft(lastStep: total ?? 0).map { Numbers.duration($0) } ?? "–"
    Gauge(
      Double(step) / Double(max(total ?? 1, 1)),
      caption: "step \(Numbers.grouped(step)) / \(total.map { Numbers.grouped($0) } ?? "–")"
    ).draw(in: area.row(0), on: &surface, theme: theme)
    let duration = train.history.smoothedDuration
    let training = train.recipe.training
    let rate = duration.map { Double(training.batchSize * training.accumulate) / $0 }
    let items = [
      KeyValueList.Item("time left", .init(left)),
      KeyValueList.Item(
        "elapsed", .init(train.history.last.map { Numbers.duration($0.seconds ?? 0) } ?? "–")),
      KeyValueList.Item("samples/s", .init(rate.map { Numbers.grouped(Int($0)) } ?? "–")),
      KeyValueList.Item(
        "step", .init(duration.map { Numbers.fixed($0 * 1000, 1) } ?? "–"), unit: "ms"),
      KeyValueList.Item(
        "rate now", .init(train.history.last.map { Numbers.short($0.learningRate ?? .nan) } ?? "–")),
      KeyValueList.Item(
        "EMA", .init(train.history.last.map { Numbers.fixed($0.averageDecay ?? .nan, 4) } ?? "–")),
    ]
    KeyValueList(items, columns: area.width >= 44 ? 2 : 1, valueWidth: 9).draw(
      in: area.inset(top: 1), on: &surface, theme: theme)
  }
}
