/// Layers one after the other.
///
/// Neighbours that only move memory fuse when the sequence is built: a group norm takes a SiLU that
/// follows it into its own loop, a batch norm a ReLU.
public struct Sequential: Layer {
  let layers: [any Layer]

  /// Layers one after the other, listed in braces.
  public init(@LayerBuilder _ layers: () -> [any Layer]) { self.init(layers()) }

  /// Layers one after the other.
  public init(_ layers: [any Layer]) {
    var fused: [any Layer] = []
    for layer in layers {
      if let norm = fused.last as? GroupNorm, layer is SiLU, !norm.appliesSiLU {
        fused[fused.count - 1] = norm.followedBySiLU
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
    layers.reversed().reduce(dy) { $1.backward($0, pass) }
  }
}

/// Lets layers be listed in braces, with `if` and `for`.
@resultBuilder public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any Layer) -> [any Layer] { [layer] }
  /// Several layers, as they are.
  public static func buildExpression(_ layers: [any Layer]) -> [any Layer] { layers }
  /// Layers one after the other.
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
