import Diffusion
import TUI

/// Where the time of a step goes, in words and numbers: the same on the screens and in `workbench bench`.
struct CostTable {
  let profile: StepProfile

  init(_ profile: StepProfile) { self.profile = profile }

  /// What is said of a part of the step; `room` is the least width of a table that has it.
  private static let columns: [(title: String, room: Int)] = [
    ("number", 44), ("time", 32), ("share", 0), ("GFLOP/s", 52), ("GB/s", 60),
  ]

  /// The titles, then the kinds of layers, the slowest first, then what is not a layer; only what is in
  /// the first column begins at the left.
  func kinds(width: Int) -> [[String]] {
    let layers = profile.kinds.map { kind in
      [kind.name, Numbers.grouped(kind.count)]
        + figures(kind.seconds, operations: kind.operations, bytes: kind.bytes)
    }
    let rest = [("weight update", profile.update), ("other", profile.other)]
    let all = layers + rest.map { [$0.0, ""] + figures($0.1) }
    let shown = Self.columns.indices.filter { Self.columns[$0].room <= width }
    let titles = ["layers"] + Self.columns.map(\.title)
    return ([titles] + all).map { row in [row[0]] + shown.map { row[$0 + 1] } }
  }

  /// The titles, then the layers in the order in which they run; what is in the first three columns
  /// begins at the left.
  var layers: [[String]] {
    let titles = ["layer", "tensors", "output", "forward", "backward"]
    return [titles + Self.columns.dropFirst(2).map(\.title)]
      + profile.layers.map { layer in
        [
          layer.kind, layer.name, layer.output.title, Self.time(layer.forward),
          Self.time(layer.backward),
        ]
          + figures(layer.seconds, operations: layer.operations, bytes: layer.bytes).dropFirst()
      }
  }

  /// Time, share and speeds.
  private func figures(_ seconds: Double, operations: Double = 0, bytes: Double = 0) -> [String] {
    [
      Self.time(seconds), share(seconds), Self.speed(operations, seconds),
      Self.speed(bytes, seconds),
    ]
  }

  /// What the parts of a step take, in a line.
  var summary: String {
    let layers = profile.layers.reduce(0) { $0 + $1.seconds }
    let operations = profile.layers.reduce(0) { $0 + $1.operations }
    let speed = Self.speed(operations, profile.total)
    return "layers \(share(layers)), update \(share(profile.update)), other \(share(profile.other))"
      + (speed.isEmpty ? "" : " · \(speed) GFLOP/s")
  }

  /// A part of the step in percent.
  private func share(_ seconds: Double) -> String {
    profile.total > 0 ? "\(Numbers.fixed(100 * seconds / profile.total, 1)) %" : "–"
  }

  /// Billions a second; nothing where nothing is counted.
  private static func speed(_ amount: Double, _ seconds: Double) -> String {
    amount > 0 && seconds > 0 ? Numbers.fixed(amount / seconds * 1e-9, 1) : ""
  }

  /// Milliseconds, or microseconds below a tenth of one.
  static func time(_ seconds: Double) -> String {
    seconds < 1e-4
      ? "\(Numbers.fixed(seconds * 1e6, 0)) µs" : "\(Numbers.fixed(seconds * 1e3, 2)) ms"
  }
}
