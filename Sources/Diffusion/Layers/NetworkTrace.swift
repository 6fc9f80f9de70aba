/// A layer that computes by itself, and so has a row in the summary of a network.
///
/// Layers that only call others, such as ``Sequential``, are not leaves: their parts are listed.
public protocol Leaf: Layer {
  /// What it does, such as "Conv2d 3×3".
  var kind: String { get }
  /// Its tensors.
  var slots: [Slot] { get }
  /// The multiplications by weights or between positions, each with its addition, that compute y from x;
  /// elementwise operations do not count.
  func multiplications(_ x: Shape, _ y: Shape) -> Int
}

extension Leaf {
  public var kind: String { "\(Self.self)" }
  public var slots: [Slot] { [] }
  public func multiplications(_ x: Shape, _ y: Shape) -> Int { 0 }
}

/// What a pass reports about the layers that ran, in their order.
final class NetworkTrace {
  struct Entry {
    let layer: any Leaf
    let input: Shape
    let output: Shape
    /// What an activation with dead units says of them.
    let units: ActivationUnits?
  }

  private(set) var entries: [Entry] = []
  private let watchesUnits: Bool
  /// The entry whose output is kept; nil for none.
  private let captured: Int?
  /// What the captured layer computed, once it has run.
  private(set) var output: LayerOutput?

  /// `watchesUnits` looks for units that say nothing, which takes a moment; `captured` is the number of the
  /// entry whose output is kept.
  init(watchesUnits: Bool = false, capturing captured: Int? = nil) {
    (self.watchesUnits, self.captured) = (watchesUnits, captured)
  }

  /// Runs a layer and records it if it computes by itself.
  func run(_ layer: some Layer, _ x: Tensor, _ pass: Pass) -> Tensor {
    let y = layer.forward(x, pass)
    if let leaf = layer as? any Leaf {
      let endsInReLU = layer is ReLU || (layer as? BatchNorm2d)?.appliesReLU == true
      let units = watchesUnits && endsInReLU ? ActivationUnits(y) : nil
      if entries.count == captured { output = LayerOutput(of: layer, x, y) }
      entries.append(Entry(layer: leaf, input: x.shape, output: y.shape, units: units))
    }
    return y
  }
}
