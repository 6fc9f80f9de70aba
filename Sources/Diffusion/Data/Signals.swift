internal import Platform

/// Made sets of curves.
enum Signals {
  /// Identical copies of one period of the sine: sin(linspace(0, 2π, 100)).
  ///
  /// Source: the sine example that the dense denoiser was published with.
  static func sine() -> Dataset {
    let wave = Points.evenly(100, includingEnd: true).map { Float(sin(2 * .pi * $0)) }
    return Dataset(
      name: "sine", kind: .signal, shape: Shape(1, 1, 100, 1), range: -1...1,
      values: (0..<1000).flatMap { _ in wave })
  }
}

extension BuiltInData {
  /// 1,000 copies of one period of a sine, 100 values each.
  public static let sine = BuiltInData(
    "sine", "1,000 copies of one period of a sine, 100 values each"
  ) { Signals.sine() }
}
