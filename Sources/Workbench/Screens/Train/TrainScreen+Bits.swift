import Diffusion
import TUI

/// Where the bits of the variational bound are, measured while that is shown.
struct BitsView {
  /// The newest measurement; while another is on its way, the last complete one.
  private(set) var shown: BoundMeasurement?
  /// The one on its way.
  private(set) var underway: BoundMeasurement?
  private(set) var problem: String?
  /// Whether an answer is awaited.
  private(set) var isWaiting = false
  /// The training step from which on it is measured again.
  private(set) var nextStep = 0

  /// The steps between two measurements, for each that was taken during one: training has the processors to itself
  /// most of the time.
  private static let rest = 15

  /// Measures the newest weights, unless that is being done; nil where there are none.
  mutating func start(_ session: Session) -> Effect? {
    guard !isWaiting, let model = session.model else { return nil }
    isWaiting = true
    let number = session.number
    return .compute(screen: TrainScreen.title) {
      do throws(BoundProblem) {
        return BoundReport.measured(try BoundMeasurement(of: model, session: number).advanced())
      } catch {
        return BoundReport.problem(session: number, error.description)
      }
    }
  }

  /// Takes a report in; returns what has to be done next, which is nothing where nobody looks.
  mutating func take(
    _ report: BoundReport, _ session: Session, isShown: Bool
  ) -> Effect? {
    switch report {
    case .problem(let number, let sentence) where number == session.number:
      (problem, isWaiting, underway) = (sentence, false, nil)
    case .measured(let measurement) where measurement.session == session.number:
      problem = nil
      isWaiting = isShown && !measurement.isComplete
      underway = isWaiting ? measurement : nil
      if measurement.isComplete || shown?.isComplete != true { shown = measurement }
      let step = session.step ?? 0
      nextStep = step + Self.rest * max(step - measurement.step, 1)
      guard isWaiting else { return nil }
      return .compute(screen: TrainScreen.title) { BoundReport.measured(measurement.advanced()) }
    default: break
    }
    return nil
  }

  /// Measures again where training has gone on for long enough.
  mutating func follow(_ session: Session) -> Effect? {
    guard let step = session.model?.step, step >= nextStep, step != shown?.step else { return nil }
    return start(session)
  }
}

extension TrainScreen.LevelView {
  var next: Self {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }

  /// What the key that shows it is called.
  var title: String {
    switch self {
    case .now: "now"
    case .overTime: "over time"
    case .bits: "bits"
    }
  }
}

extension TrainScreen {
  /// Begins to measure where the bits are, which goes on beside training.
  mutating func measureBits(_ session: inout Session) -> [Effect] {
    session.note("the variational bound, measured beside training")
    return bits.start(session).map { [$0] } ?? []
  }

  func drawBits(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    var info: StyledText = ""
    if let underway = bits.underway {
      info = .init("step \(Numbers.grouped(underway.step)): \(Int(100 * underway.progress)) %")
    } else if let shown = bits.shown {
      info = .init("step \(Numbers.grouped(shown.step)) · \(shown.subject)")
    }
    var foot: StyledText = ""
    if let shown = bits.shown, shown.isComplete {
      let half = shown.half
      foot =
        StyledText("\(Numbers.short(shown.bound.total, significant: 4)) bits per value", .series(0))
        + StyledText(
          ", half at t \(half.upperBound == 0 ? "0" : "0–\(Numbers.grouped(half.upperBound))")"
        )
    }
    let inner = frame(
      .noiseLevels, "bits by timestep", info: info, foot: foot, in: area, context, on: &surface)
    bitsChart.draw(in: inner, on: &surface, theme: context.theme)
  }

  /// The terms from low noise to high; both axes are logarithmic, as most bits are at the first timesteps.
  private var bitsChart: LineChart {
    let terms = bits.shown?.bound.terms ?? []
    let missing = bits.shown?.bound.missing ?? 0
    // A logarithm knows no 0: t + 1.
    let points = terms.indices.dropFirst(missing).map {
      CurvePoint(x: Double($0 + 1), y: terms[$0])
    }
    let count = Double(max(terms.count - 1, 1))
    var chart = LineChart([
      LineChart.Series("bits", points: points, ink: .series(0)) {
        .noise(1 - ($0 - 1) / count)
      }
    ])
    (chart.xScale, chart.yScale) = (.log, .log)
    if terms.count > 1 { chart.xRange = 1...Double(terms.count) }
    chart.xText = { "t \(Numbers.grouped(max(Int($0.rounded()) - 1, 0)))" }
    chart.placeholder = StyledText(bits.problem ?? "the first terms are being measured")
    return chart
  }
}
