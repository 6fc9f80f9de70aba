/// Layers one after another.
///
/// When the sequence is built, a group norm is fused with a SiLU that follows it, a batch norm with a ReLU, and
/// a layer norm with a modulation, to save passes over memory.
public struct Sequential: Layer {
  let layers: [any Layer]

  /// Layers one after another, listed in braces.
  public init(@LayerBuilder _ layers: () -> [any Layer]) { self.init(layers()) }

  /// Layers one after another.
  public init(_ layers: [any Layer]) {
    var fused: [any Layer] = []
    for layer in layers {
      if let norm = fused.last as? GroupNorm, layer is SiLU, !norm.appliesSiLU {
        fused[fused.count - 1] = norm.followedBySiLU
      } else if let norm = fused.last as? LayerNorm, let modulate = layer as? Modulate,
        let both = norm.followed(by: modulate)
      {
        fused[fused.count - 1] = both
      } else if let norm = fused.last as? BatchNorm2d, layer is ReLU, !norm.appliesReLU {
        fused[fused.count - 1] = norm.followedByReLU
      } else {
        fused.append(layer)
      }
    }
    self.layers = fused
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    layers.reduce(x) { $1.run($0, pass) }
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    layers.reversed().reduce(dy) { $1.runBackward($0, pass) }
  }
}

/// Lets layers be listed in braces, with `if` and `for`.
@resultBuilder public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Several layers, as they are.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// Layers one after another.
  public static func buildBlock(_ layers: [any Layer]...) -> [any Layer] { layers.flatMap(\.self) }
  /// Layers of an `if` without `else`.
  public static func buildOptional(_ layers: [any Layer]?) -> [any Layer] { layers ?? [] }
  /// Layers of an `if`.
  public static func buildEither(first: [any Layer]) -> [any Layer] { first }
  /// Layers of an `else`.
  public static func buildEither(second: [any Layer]) -> [any Layer] { second }
  /// Layers of a loop.
  public static func buildArray(_ layers: [[any Layer]]) -> [any Layer] { layers.flatMap(\.self) }
}
