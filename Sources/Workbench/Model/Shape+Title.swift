import Diffusion

extension Shape {
  /// What one sample of the shape is called: "28×28×64" for images, "100×8" for signals, "128" for vectors.
  var title: String {
    let sides = [height, width, channels]
    let isSignal = height == 1
    let shown = isSignal && width == 1 ? sides[2...] : sides[(isSignal ? 1 : 0)...]
    return shown.map(String.init).joined(separator: "×")
  }
}
