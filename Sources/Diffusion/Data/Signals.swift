internal import Platform

/// Made sets of curves.
public enum Signals {
  /// Identical copies of one period of the sine: sin(linspace(0, 2π, length)).
  ///
  /// Source: the sine example that the dense denoiser was published with.
  public static func sine(count: Int = 1000, length: Int = 100) -> Dataset {
    let wave = Points.evenly(length, includingEnd: true).map { Float(sin(2 * .pi * $0)) }
    return Dataset(
      name: "sine", kind: .signal, shape: Shape(1, 1, length, 1), range: -1...1,
      values: (0..<count).flatMap { _ in wave })
  }
}

extension BuiltInData {
  public static let sine = BuiltInData(
    "sine", "1,000 copies of one period of a sine, 100 values each"
  ) { Signals.sine() }
}
