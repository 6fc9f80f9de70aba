import Diffusion
import TUI

// How good the samples are, step by step.

extension TrainScreen {
  func drawQuality(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let last = history.quality.last?.record
    let name = last?.metric.title ?? context.session.recipe.evaluation.metric.figure.title
    let info = last?.costShare.map { "\(Numbers.fixed(100 * $0, 1)) % of processor time" } ?? ""
    let inner = frame(
      .quality, "quality: \(name)", info: .init(info), foot: qualityFoot(last, area.width),
      in: area, context, on: &surface)
    var chart = qualityChart(context.session)
    chart.placeholder = .init(qualityPlaceholder)
    chart.draw(in: inner, on: &surface, theme: context.theme)
  }

  /// The steps that the loss shows, with the same cursor.
  func qualityChart(_ session: Session) -> LineChart {
    let shown = view.steps(of: history)
    let points = history.quality.filter { view.window == nil || shown.contains(Double($0.step)) }
    let last = points.last?.record
    var chart = LineChart(qualitySeries(points, session))
    chart.yScale = view.isLogarithmic && allPositive(points) ? .log : .linear
    if let last, last.heldOut.isFinite, last.heldOut > 0 || chart.yScale == .linear {
      chart.references = [
        // Its value is below the chart: on the line the curves would run through it.
        LineChart.Reference(last.heldOut, label: "", ink: .text)
      ]
    }
    chart.xName = axis.rawValue
    chart.cursor = cursorX(session)
    return chart
  }

  /// The averaged weights bright, the raw ones dashed.
  private func qualitySeries(
    _ points: [RunHistory.QualityPoint], _ session: Session
  ) -> [LineChart.Series] {
    func series(
      _ name: String, _ ink: Ink, _ dash: Dash, _ value: (QualityRecord) -> Quality.Value
    ) -> LineChart.Series {
      LineChart.Series(
        name,
        points: points.map {
          CurvePoint(x: x(step: $0.step, seconds: $0.seconds, session), y: value($0.record).value)
        }, ink: ink, dash: dash)
    }
    return [
      series("raw weights", .series(1), .dashed, \.raw),
      series("averaged", .series(0), .solid, \.averaged),
    ]
  }

  private func allPositive(_ points: [RunHistory.QualityPoint]) -> Bool {
    points.allSatisfy { $0.record.averaged.value > 0 && $0.record.raw.value > 0 }
  }

  private var qualityPlaceholder: String {
    switch evaluation {
    case .problem(let sentence): sentence
    case .working(let text): text
    case .waiting, nil: "waiting for the first evaluation"
    }
  }

  private func qualityFoot(_ last: QualityRecord?, _ width: Int) -> StyledText {
    guard let last else { return "" }
    let averaged = StyledText("averaged \(Numbers.compact(last.averaged.value))", .series(0))
    let raw = StyledText("  raw \(Numbers.compact(last.raw.value))", .series(1))
    let best = history.quality.last { $0.record.isBest == true }.map {
      StyledText("  best at step \(Numbers.grouped($0.step))", .dim)
    }
    let yardstick = StyledText("  ─ yardstick \(Numbers.compact(last.heldOut))", .text)
    let whole = averaged + raw + (width >= 47 ? yardstick : "") + (width >= 70 ? best ?? "" : "")
    guard width >= 120, case .working(let text) = evaluation else { return whole }
    return whole + StyledText("  \(text)", .dim)
  }
}
