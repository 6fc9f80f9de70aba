import Diffusion
import TUI

/// What the panel of gradients shows.
enum GradientView: CaseIterable {
  case norm, layers, cost

  var next: GradientView {
    let all = Self.allCases
    return all[((all.firstIndex(of: self) ?? 0) + 1) % all.count]
  }

  /// What the key that leads to it is called.
  var title: String {
    switch self {
    case .norm: "norm"
    case .layers: "layers"
    case .cost: "cost"
    }
  }

  /// What is noted when it is shown.
  var note: String {
    switch self {
    case .norm: "the gradient norm"
    case .layers: "the layers, as last measured"
    case .cost: "time per step by kind of layer, as last measured"
    }
  }
}

extension TrainScreen {
  func drawCost(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let info = cost.map { "step \(Numbers.grouped($0.step)) · \(CostTable.time($0.profile.total))" }
    let inner = frame(
      .gradient, "cost of a step", info: .init(info ?? ""),
      foot: .init(cost.map { CostTable($0.profile).summary } ?? ""), in: area, context, on: &surface
    )
    costTable(width: inner.width).draw(in: inner, on: &surface, theme: context.theme)
  }

  private func costTable(width: Int) -> Table {
    let lines = cost.map { CostTable($0.profile).kinds(width: width) } ?? [["layers"]]
    let columns = lines[0].enumerated().map { index, title in
      Table.Column(title, alignment: index == 0 ? .left : .right)
    }
    return Table(
      columns, rows: lines.dropFirst().map { $0.map { StyledText($0) } },
      placeholder: "timed every 50 steps")
  }
}
