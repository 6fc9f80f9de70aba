import Diffusion
import TUI

/// What can be said of a layer in plain words.
struct LayerVerdict: Sendable, Equatable {
  enum Trouble: String, Sendable {
    case explodes = "is exploding"
    case starves = "is starving"
    case dies = "is dying"
  }

  var layer: String
  var trouble: Trouble
  /// What makes it so.
  var reason: String

  var sentence: String { "\(layer) \(trouble.rawValue): \(reason)" }

  /// How a layer fares beside the others; nil where all is well.
  ///
  /// A step moves the weights of a healthy layer by something like a thousandth of their norm.
  /// `typicalRatio` is what the middle one of all layers has; `firstNorm` the norm of the weights when they
  /// were first measured.
  init?(_ layer: LayerHealth, typicalRatio: Double, firstNorm: Double?) {
    self.layer = layer.name
    let ratio = layer.updateRatio
    let percent = "\(Numbers.short(ratio * 100, significant: 2)) %"
    if let firstNorm, firstNorm > 0.01, layer.weightNorm > firstNorm * 10 {
      trouble = .explodes
      reason =
        "its weights are \(Numbers.fixed(layer.weightNorm / firstNorm, 0)) times what they were"
    } else if layer.weightNorm > 0, ratio > 0.1, ratio > typicalRatio * 10 {
      trouble = .explodes
      reason = "a step changes its weights by \(percent)"
    } else if layer.gradientNorm == 0 {
      trouble = .starves
      reason = "no gradient reaches it"
    } else if layer.weightNorm > 0, ratio < typicalRatio / 1000 {
      trouble = .starves
      reason = "a step changes its weights by only \(percent)"
    } else if let dead = layer.dead, dead.dead * 2 >= dead.all {
      trouble = .dies
      reason = "\(dead.dead) of its \(dead.all) units are always 0"
    } else {
      return nil
    }
  }
}

/// The layers as they were measured last.
struct LayerReport: Sendable, Equatable {
  private(set) var step = 0
  private(set) var layers: [LayerHealth] = []
  private(set) var verdicts: [String: LayerVerdict] = [:]
  private var firstNorms: [String: Double] = [:]

  /// Steps before which nothing is said: a layer that begins with zeros grows by leaps.
  private static let warmUp = 100

  /// Takes in a measurement; returns the troubles that are new.
  mutating func take(_ layers: [LayerHealth], atStep step: Int) -> [LayerVerdict] {
    (self.step, self.layers) = (step, layers)
    for layer in layers where firstNorms[layer.name] == nil {
      firstNorms[layer.name] = layer.weightNorm
    }
    guard step >= Self.warmUp else { return [] }
    let ratios = layers.map(\.updateRatio).filter(\.isFinite).sorted()
    let typical = ratios.isEmpty ? 0 : ratios[ratios.count / 2]
    let found = layers.compactMap {
      LayerVerdict($0, typicalRatio: typical, firstNorm: firstNorms[$0.name])
    }
    let new = found.filter { verdicts[$0.layer]?.trouble != $0.trouble }
    verdicts = Dictionary(uniqueKeysWithValues: found.map { ($0.layer, $0) })
    return new
  }

  /// Those in trouble, then the others, each in their order.
  var ordered: [LayerHealth] {
    layers.filter { verdicts[$0.name] != nil } + layers.filter { verdicts[$0.name] == nil }
  }

  /// How all of them fare, in a line.
  var summary: StyledText {
    if layers.isEmpty { return "" }
    if verdicts.isEmpty {
      return StyledText(
        step < Self.warmUp
          ? "judged from step \(Self.warmUp) on" : "all \(layers.count) layers are learning", .good)
    }
    let first = layers.lazy.compactMap { verdicts[$0.name] }.first?.sentence ?? ""
    let others = verdicts.count - 1
    return StyledText(
      first + (others > 0 ? "; \(others) \(others == 1 ? "other" : "others")" : ""), .warning)
  }
}

extension TrainScreen {
  func drawGradient(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    switch gradientView {
    case .norm: drawNorm(in: area, context, &surface)
    case .layers: drawLayers(in: area, context, &surface)
    case .cost: drawCost(in: area, context, &surface)
    }
  }

  private func drawNorm(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let norm = cursorPoint.map(\.gradientNorm) ?? history.last.map { $0.gradientNorm ?? .nan }
    let trouble: StyledText = layers.verdicts.isEmpty ? "" : layers.summary
    let inner = frame(
      .gradient, "gradient norm", info: .init(norm.map { Numbers.fixed($0, 3) } ?? "–"),
      foot: trouble, in: area, context, on: &surface)
    gradientChart.draw(in: inner, on: &surface, theme: context.theme)
  }

  private func drawLayers(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let info = layers.layers.isEmpty ? "" : "step \(Numbers.grouped(layers.step))"
    let inner = frame(
      .gradient, "layers", info: .init(info), foot: layers.summary, in: area, context,
      on: &surface)
    layerTable(width: inner.width).draw(in: inner, on: &surface, theme: context.theme)
  }

  /// The layers as lines, those in trouble first, with as many columns as there is room for.
  func layerTable(width: Int) -> Table {
    var columns = [Table.Column("layer")]
    if width >= 56 {
      columns += [.init("weights", alignment: .right), .init("gradient", alignment: .right)]
    }
    columns.append(.init(width >= 40 ? "change per step" : "change", alignment: .right))
    let hasUnits = layers.layers.contains { $0.dead != nil }
    if width >= 68, hasUnits { columns.append(.init("dead", alignment: .right)) }
    if width >= 84 { columns.append(.init("")) }
    return Table(
      columns,
      rows: layers.ordered.map { layer in
        let verdict = layers.verdicts[layer.name]
        let ratio = layer.updateRatio
        var line = [StyledText(layer.name, verdict == nil ? nil : .warning)]
        if width >= 56 {
          line += [
            .init(Numbers.compact(layer.weightNorm)), .init(Numbers.compact(layer.gradientNorm)),
          ]
        }
        line.append(
          StyledText(
            ratio.isFinite ? "\(Numbers.short(ratio * 100, significant: 2)) %" : "–",
            verdict == nil ? nil : .warning))
        if width >= 68, hasUnits {
          line.append(.init(layer.dead.map { "\($0.dead) of \($0.all)" } ?? "–", .dim))
        }
        if width >= 84 {
          line.append(
            verdict.map { StyledText("\($0.trouble.rawValue): \($0.reason)", .warning) } ?? "")
        }
        return line
      }, selected: layers.layers.isEmpty ? nil : min(selectedLayer, layers.layers.count - 1),
      placeholder: "the layers are measured every 50 steps")
  }
}
