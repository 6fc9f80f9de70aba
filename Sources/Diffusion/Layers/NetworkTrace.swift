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
    /// Seconds, where there is a clock.
    let forward: Double
    /// Seconds, where there is a clock and backward has run.
    fileprivate(set) var backward = 0.0
  }

  private(set) var entries: [Entry] = []
  private let watchesUnits: Bool
  /// Tells the time in seconds; nil where nothing is timed.
  let clock: (() -> Double)?
  /// The entries whose backward is still to come: they come in reverse.
  private var pending: [Int] = []
  /// The entry whose output is kept; nil for none.
  private let captured: Int?
  /// What the captured layer computed, once it has run.
  private(set) var output: LayerOutput?

  /// `watchesUnits` looks for units that say nothing, which takes a moment; `captured` is the number of the
  /// entry whose output is kept; `clock` tells the time in seconds.
  init(
    watchesUnits: Bool = false, capturing captured: Int? = nil, clock: (() -> Double)? = nil
  ) {
    (self.watchesUnits, self.captured, self.clock) = (watchesUnits, captured, clock)
  }

  /// Runs a layer by `forward` and records it if it computes by itself.
  ///
  /// `alone` computes its output where `forward` does more, for what is kept.
  func run(
    _ layer: some Layer, _ x: Tensor, alone: (() -> Tensor)? = nil, forward: () -> Tensor
  ) -> Tensor {
    let start = clock?() ?? 0
    let y = forward()
    guard let leaf = layer as? any Leaf else { return y }
    let seconds = (clock?() ?? 0) - start
    let endsInReLU = layer is ReLU || (layer as? BatchNorm2d)?.appliesReLU == true
    let units = watchesUnits && endsInReLU ? ActivationUnits(y) : nil
    if entries.count == captured { output = LayerOutput(of: layer, x, alone?() ?? y) }
    if clock != nil { pending.append(entries.count) }
    entries.append(
      Entry(layer: leaf, input: x.shape, output: y.shape, units: units, forward: seconds))
    return y
  }

  /// Runs the backward pass of a layer by `backward` and, where there is a clock, records its time.
  func runBackward(_ layer: some Layer, _ backward: () -> Tensor) -> Tensor {
    guard let clock, layer is any Leaf else { return backward() }
    let start = clock()
    let dx = backward()
    let seconds = clock() - start
    // A layer from outside may have called backward of its parts directly: they have no time then.
    if let due = pending.lastIndex(where: { type(of: entries[$0].layer) == type(of: layer) }) {
      entries[pending[due]].backward = seconds
      pending.removeSubrange(due...)
    }
    return dx
  }
}
