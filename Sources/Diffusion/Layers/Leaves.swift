// What summaries say of each layer that computes by itself.

// MARK: - Matrix products

extension Linear: Leaf {
  var slots: [Slot] { [weight] + (bias.map { [$0] } ?? []) }
  func multiplications(_ x: Shape, _ y: Shape) -> Int { y.positions * input * output }
}

extension Conv2d: Leaf {
  var kind: String { "Conv2d \(window.title)" }
  var slots: [Slot] { [weight] + (bias.map { [$0] } ?? []) }
  func multiplications(_ x: Shape, _ y: Shape) -> Int {
    y.positions * window.taps * input * output
  }
}

extension ConvTranspose2d: Leaf {
  var kind: String { "ConvTranspose2d \(window.title)" }
  var slots: [Slot] { [weight, bias] }
  func multiplications(_ x: Shape, _ y: Shape) -> Int {
    x.positions * window.taps * input * output
  }
}

extension Attention: Leaf {
  var kind: String { "Attention \(heads) head\(heads == 1 ? "" : "s")" }
  /// Every query with every key, and every weight with every value.
  func multiplications(_ x: Shape, _ y: Shape) -> Int {
    2 * y.positions * y.height * y.width * y.channels
  }
}

// MARK: - Norms

extension GroupNorm: Leaf {
  var kind: String { "GroupNorm \(groups)\(activated ? ", SiLU" : "")" }
  var slots: [Slot] { [weight, bias] }
}

extension BatchNorm2d: Leaf {
  var kind: String { "BatchNorm2d\(activated ? ", ReLU" : "")" }
  var slots: [Slot] { [weight, bias, runningMean, runningVariance, batchesTracked] }
}

extension LayerNorm: Leaf {
  var slots: [Slot] { factors.map { [$0.weight, $0.bias] } ?? [] }
}

extension ClassNorm: Leaf {}

// MARK: - Conditions

extension TimestepTable: Leaf {
  var kind: String { "TimestepTable \(rows)" }
  var slots: [Slot] { [weight] }
}

extension LabelEmbedding: Leaf {
  var kind: String { "LabelEmbedding \(classes)" }
  var slots: [Slot] { [weight] }
}

extension AddPositions: Leaf {
  var slots: [Slot] { [weight] }
}

extension TimestepEmbedding: Leaf {}
extension SigmaEmbedding: Leaf {}
extension AddCondition: Leaf {}
extension AppendCondition: Leaf {}
extension Modulate: Leaf {}
extension Gate: Leaf {}

// MARK: - Number by number

extension GELU: Leaf {
  var kind: String { form == .tanh ? "GELU by tanh" : "GELU" }
}

extension Dropout: Leaf {
  var kind: String { "Dropout \(rate)" }
}

extension SiLU: Leaf {}
extension ELU: Leaf {}
extension ReLU: Leaf {}
extension Mish: Leaf {}
extension Affine: Leaf {}

// MARK: - Places

extension MaxPool2d: Leaf {
  var kind: String { "MaxPool2d \(window.poolTitle)" }
}

extension AveragePool2d: Leaf {
  var kind: String { "AveragePool2d \(window.poolTitle)" }
}

extension Unpatch: Leaf {
  var kind: String { "Unpatch \(side)×\(side)" }
}

extension Upsample: Leaf {
  var kind: String { "Upsample ×2" }
}

extension Pad: Leaf {}
extension Transpose: Leaf {}
extension Reshape: Leaf {}

extension Window {
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
