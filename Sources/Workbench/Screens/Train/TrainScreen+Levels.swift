import Diffusion
import TUI

/// The loss by noise level: over the last steps as bars, over the whole run as a map.
extension TrainScreen {
  func drawNoiseLevels(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    switch levelView {
    case .now: break
    case .overTime: return drawLevelMap(in: area, context, &surface)
    case .bits: return drawBits(in: area, context, &surface)
    }
    let window = noiseLevels
    let steps = context.session.schedule.timesteps
    let bins = NoiseLevelWindow.bins
    var foot: StyledText = ""
    let losses = window.losses
    if let hardest = window.hardest {
      let text = Self.levels(hardest, context.session)
      foot = "highest loss: \(text), \(Numbers.fixed(losses[hardest], 3))"
      if let worst = worstLevel, area.width >= 50 {
        let level = Self.levels(worst, context.session)
        foot =
          area.width >= 84
          ? foot + StyledText("  furthest above the floor: \(level)")
          : "highest loss: \(text)  above the floor: \(level)"
      }
    }
    let inner = frame(
      .noiseLevels, .init(Self.lossByLevel(context.session)),
      info: "last \(window.length) steps", foot: foot,
      in: area, context, on: &surface)
    // Low noise at the left, where t is 0: the ramp runs from data to noise. As many bars as there
    // are columns beside the axis.
    let columns = max(bins, inner.width - 7)
    var chart = BarChart((0..<columns).map { losses[$0 * bins / columns] }) {
      .noise(1 - Double($0) / Double(columns - 1))
    }
    chart.labels = (0..<4).map {
      BarChart.Label($0 * columns / 4, Self.level(atTimestep: $0 * steps / 4, context.session))
    }
    if let floors = floor?.lossesByLevel {
      chart.floors = (0..<columns).map { floors[$0 * bins / columns] }
    }
    chart.placeholder = "no steps yet"
    chart.draw(in: explained(inner, context, &surface), on: &surface, theme: context.theme)
  }

  /// What is measured, and along what.
  private static func lossByLevel(_ session: Session) -> String {
    "\(session.measures.isText ? "bits per character" : "loss") by \(session.measures.levelName)"
  }

  /// What stands below a timestep: its number, of text its masked share, such as "25 %".
  private static func level(atTimestep t: Int, _ session: Session) -> String {
    guard session.measures.isText else { return t == 0 ? "t 0" : Numbers.grouped(t) }
    guard let schedule = try? session.schedule.make() else { return "" }
    return SampleMeasures.percent(schedule[min(t, schedule.count - 1)].sigma)
  }

  /// The part of the noise levels where the loss is furthest above that of the ideal denoiser.
  var worstLevel: Int? {
    guard let floors = floor?.lossesByLevel else { return nil }
    let losses = noiseLevels.losses
    return losses.indices.filter { losses[$0].isFinite }.max {
      losses[$0] - floors[$0] < losses[$1] - floors[$1]
    }
  }

  /// The timesteps of a part of the noise levels, such as "t 0–31", of text its masked shares, such as
  /// "0–3 %".
  private static func levels(_ bin: Int, _ session: Session) -> String {
    let (bins, timesteps) = (NoiseLevelWindow.bins, session.schedule.timesteps)
    let first = bin * timesteps / bins
    let last = max(first, (bin + 1) * timesteps / bins - 1)
    guard session.measures.isText else { return "t \(first)–\(last)" }
    return "\(level(atTimestep: first, session).dropLast(2))–\(level(atTimestep: last, session))"
  }

  private func drawLevelMap(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let map = levelMap(context.session, context.imageStyle)
    let range = map.range ?? map.extremes
    // On a light background the highest values are the darkest.
    let (low, high) = context.theme.isDark ? ("dark", "bright") : ("light", "dark")
    let foot = range.map {
      "loss: \(Numbers.compact($0.lowerBound)) \(low), \(Numbers.compact($0.upperBound)) \(high)"
    }
    let inner = frame(
      .noiseLevels, .init(Self.lossByLevel(context.session) + " over time"),
      info: "\(view.summary) · step",
      foot: .init(foot ?? ""), in: area, context, on: &surface)
    map.draw(in: inner, on: &surface, theme: context.theme)
  }

  /// The steps of the charts from left to right, the noise from below, the loss as brightness.
  func levelMap(_ session: Session, _ style: ImageStyle) -> HeatMap {
    let timesteps = session.schedule.timesteps
    var start = 0.0
    var map = HeatMap(
      history.levels.map { point in
        defer { start = Double(point.step) }
        return HeatMap.Strip(min(start, Double(point.step))...Double(point.step), point.losses)
      }, style: style)
    map.xRange = history.points.isEmpty ? nil : view.steps(of: history)
    map.scale = view.isLogarithmic ? .log : .linear
    if view.leavesOutliersOut { map.range = inner90(of: map) }
    map.labels = [
      (0, Self.level(atTimestep: 0, session)),
      (0.5, Self.level(atTimestep: timesteps / 2, session)),
      (1, Self.level(atTimestep: timesteps, session)),
    ]
    map.cursor = view.cursor
    map.placeholder = "the first steps are being averaged"
    if let cursor = view.cursor,
      let point = history.levels.first(where: { Double($0.step) >= cursor }),
      let hardest = point.hardest
    {
      map.readOut = .init(
        "step \(Numbers.grouped(Int(cursor)))  highest loss: "
          + "\(Self.levels(hardest, session)), \(Numbers.compact(point.losses[hardest]))")
    }
    return map
  }

  /// The values without the lowest and highest 5 %.
  private func inner90(of map: HeatMap) -> ClosedRange<Double>? {
    let values = map.strips.flatMap(\.values).filter { $0.isFinite && $0 > 0 }.sorted()
    guard let first = values.first, let last = values.last else { return nil }
    let cut = values.count / 20
    return values.count > 40 ? values[cut]...values[values.count - 1 - cut] : first...last
  }
}
