/// A layer that computes by itself, as a summary of a network lists it.
///
/// Layers that only hand on to others, such as ``Sequential``, are none: their parts are listed.
public protocol Leaf: Layer {
  /// What it does, such as "Conv2d 3×3".
  var kind: String { get }
  /// Its tensors.
  var slots: [Slot] { get }
  /// Multiplications by weights or between positions, each with its addition, that make y from x;
  /// what is done number by number counts 0.
  func multiplications(_ x: Shape, _ y: Shape) -> Int
}

extension Leaf {
  public var kind: String { "\(Self.self)" }
  public var slots: [Slot] { [] }
  public func multiplications(_ x: Shape, _ y: Shape) -> Int { 0 }
}

/// What a pass tells of the layers that ran, in their order.
final class NetworkTrace {
  struct Entry {
    let layer: any Leaf
    let input: Shape
    let output: Shape
  }

  private(set) var entries: [Entry] = []

  /// Runs a layer and notes it if it computes by itself.
  func run(_ layer: some Layer, _ x: Tensor, _ pass: Pass) -> Tensor {
    let y = layer.forward(x, pass)
    if let leaf = layer as? any Leaf {
      entries.append(Entry(layer: leaf, input: x.shape, output: y.shape))
    }
    return y
  }
}
