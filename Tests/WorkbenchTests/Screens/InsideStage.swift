import TUI
import Testing

@testable import Diffusion
@testable import Workbench

extension Stage {
  /// The Inside screen, with what its layers compute invented in exact arithmetic, so that it is the same
  /// on every machine; the last layer is selected.
  static func lookingInside(_ play: Play) throws -> Stage {
    var stage = try training(play)
    stage.press("6", .end)
    stage.computeInside()
    stage.press(.end)
    stage.computeInside()
    let capture = try #require(stage.application.inside.capture)
    let shape = capture.output.shape
    func invented(_ count: Int) -> [Float] {
      (0..<count).map { index in
        let number = index * 37 % 64 - 20
        return Float(number) / 16
      }
    }
    stage.application.inside.capture = LayerCapture(
      key: capture.key, output: LayerOutput(shape: shape, values: invented(shape.count)),
      x0: invented(capture.x0.count))
    return stage
  }

  /// Computes what the Inside screen asks for, until it asks for nothing more.
  mutating func computeInside() {
    for _ in 0..<20 {
      let asked = askInside()
      guard !asked.isEmpty || application.inside.isStale else { return }
      for compute in asked { send([.computed(compute(), screen: InsideScreen.title)]) }
    }
  }

  /// What the Inside screen wants to have computed next.
  mutating func askInside() -> [@Sendable () -> any Sendable] {
    let before = effects.all.count
    _ = application.update(.tick(0))
    return effects.all[before...].compactMap { effect in
      guard case .compute(InsideScreen.title, let compute) = effect else { return nil }
      return compute
    }
  }
}
