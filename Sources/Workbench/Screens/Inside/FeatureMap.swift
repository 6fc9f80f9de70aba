import Diffusion
import TUI

/// One channel of a layer's output as an image, from its own lowest value (dark) to its highest (bright).
struct FeatureMap: Sendable {
  let image: PixelImage
  /// The lowest and the highest value; nil where none is finite.
  let range: ClosedRange<Double>?

  /// Values in rows of `width`.
  init(_ values: [Float], width: Int) {
    let finite = values.lazy.filter(\.isFinite)
    let (least, greatest) = (finite.min() ?? 0, finite.max() ?? 0)
    range = finite.isEmpty ? nil : Double(least)...Double(greatest)
    let scale = greatest > least ? 255 / (greatest - least) : 0
    let pixels = values.map { value in
      UInt8(value.isFinite ? min(max((value - least) * scale, 0), 255).rounded() : 0)
    }
    image = PixelImage(
      width: width, height: max(values.count / max(width, 1), 1), pixels: .grey(pixels))
  }

  /// All channels of a layer's output over places.
  static func all(of output: LayerOutput) -> [FeatureMap] {
    (0..<output.shape.channels).map { FeatureMap(output.channel($0), width: output.shape.width) }
  }

  /// "−1.2…0.83", or "not finite".
  var rangeText: String { range.map { Self.text(of: $0) } ?? "not finite" }

  static func text(of range: ClosedRange<Double>) -> String {
    let ends = [range.lowerBound, range.upperBound].map { Numbers.short($0, significant: 2) }
    return ends.joined(separator: "…")
  }
}
