// What summaries say of each layer that computes by itself.

// MARK: - Matrix products

extension Linear: Leaf {
  public var slots: [Slot] { [weight] + (bias.map { [$0] } ?? []) }
  public func multiplications(_ x: Shape, _ y: Shape) -> Int { y.positions * input * output }
}

extension Conv2d: Leaf {
  public var kind: String { "Conv2d \(geometry.title)" }
  public var slots: [Slot] { [weight] + (bias.map { [$0] } ?? []) }
  public func multiplications(_ x: Shape, _ y: Shape) -> Int {
    y.positions * geometry.taps * input * output
  }
}

extension ConvTranspose2d: Leaf {
  package var kind: String { "ConvTranspose2d \(geometry.title)" }
  package var slots: [Slot] { [weight, bias] }
  package func multiplications(_ x: Shape, _ y: Shape) -> Int {
    x.positions * geometry.taps * input * output
  }
}

extension Attention: Leaf {
  public var kind: String { "Attention \(Wording.count(heads, "head"))" }
  /// Every query times every key, and every score times every value.
  public func multiplications(_ x: Shape, _ y: Shape) -> Int {
    2 * y.positions * y.height * y.width * y.channels
  }
}

// MARK: - Norms

extension GroupNorm: Leaf {
  public var kind: String { "GroupNorm \(groups)\(appliesSiLU ? ", SiLU" : "")" }
  public var slots: [Slot] { [weight, bias] }
}

extension BatchNorm2d: Leaf {
  public var kind: String { "BatchNorm2d\(appliesReLU ? ", ReLU" : "")" }
  public var slots: [Slot] { [weight, bias, runningMean, runningVariance, batchesTracked] }
}

extension LayerNorm: Leaf {
  public var kind: String {
    if case .condition = factors { "LayerNorm, Modulate" } else { "LayerNorm" }
  }
  public var slots: [Slot] {
    if case .own(let weight, let bias) = factors { [weight, bias] } else { [] }
  }
}

extension ClassNorm: Leaf {}

// MARK: - Conditions

extension TimestepTable: Leaf {
  package var kind: String { "TimestepTable \(rows)" }
  package var slots: [Slot] { [weight] }
}

extension FourierEmbedding: Leaf {
  package var kind: String { "FourierEmbedding \(frequencies)" }
  package var slots: [Slot] { [weight] }
}

extension DivideByCondition: Leaf {}

extension LabelEmbedding: Leaf {
  public var kind: String { "LabelEmbedding \(classes)" }
  public var slots: [Slot] { [weight] }
}

extension TokenEmbedding: Leaf {
  public var kind: String { "TokenEmbedding \(tokens)" }
  public var slots: [Slot] { [weight] }
}

extension AddPositions: Leaf {
  package var slots: [Slot] { [weight] }
}

extension TimestepEmbedding: Leaf {}
extension SigmaEmbedding: Leaf {}
extension AddCondition: Leaf {}
extension AppendCondition: Leaf {}
extension Modulate: Leaf {}
extension Gate: Leaf {}

// MARK: - Number by number

extension GELU: Leaf {
  public var kind: String { form == .tanh ? "GELU by tanh" : "GELU" }
}

extension Dropout: Leaf {
  public var kind: String { "Dropout \(rate)" }
}

extension SiLU: Leaf {}
extension ELU: Leaf {}
extension ReLU: Leaf {}
extension Mish: Leaf {}
extension Affine: Leaf {}

// MARK: - Places

extension MaxPool2d: Leaf {
  public var kind: String { "MaxPool2d \(geometry.poolTitle)" }
}

extension AveragePool2d: Leaf {
  package var kind: String { "AveragePool2d \(geometry.poolTitle)" }
}

extension Unpatch: Leaf {
  public var kind: String { "Unpatch \(side)×\(side)" }
}

extension Upsample: Leaf {
  public var kind: String { "Upsample ×2" }
}

extension Pad: Leaf {}
extension Transpose: Leaf {}
extension Reshape: Leaf {}

extension KernelGeometry {
  /// Its sides and, as in ResNet's figures, the step where it halves: "3×3 /2".
  fileprivate var title: String { "\(height)×\(width)" + steps }

  /// The same of a kernel for signals.
  var signalTitle: String { "\(width)" + steps }

  /// A pool's side, and its step where that is another.
  fileprivate var poolTitle: String { "\(width)" + (stride == width ? "" : " /\(stride)") }

  private var steps: String {
    (stride == 1 ? "" : " /\(stride)") + (dilation == 1 ? "" : ", dilated \(dilation)")
  }
}
