/// The layers of a network in the order in which a sample passes them, with their sizes.
///
/// Sums, concatenations and interpolations between layers are not listed; they have no parameters.
public struct NetworkSummary: Sendable, Equatable {
  /// The number of values in a layer or a network.
  public struct Parameters: Sendable, Equatable {
    /// Updated by the optimiser.
    public var trainable = 0
    /// Never changed.
    public var frozen = 0
    /// Running statistics, such as batch norm's means, including counters.
    public var statistics = 0

    /// All of them together.
    public var total: Int { trainable + frozen + statistics }
  }

  /// One layer.
  public struct Row: Sendable, Equatable {
    /// The common prefix of its tensors' names, such as "down1.conv.conv.0"; empty without tensors.
    public let name: String
    /// What it does, such as "Conv2d 3×3".
    public let kind: String
    /// The shape of its output for one sample.
    public let output: Shape
    /// Its parameters, without tensors listed in an earlier row.
    public let parameters: Parameters
    /// Multiplications by weights or between positions, each with its addition, for one sample.
    ///
    /// Norms, activations, pooling and other elementwise operations count as zero.
    public let multiplications: Int
  }

  /// The architecture's name, as in recipes.
  package let network: String
  /// The shape of one sample that the network takes and returns.
  public let sampleShape: Shape
  /// The layers in the order in which they run; those that compute the condition come before what they
  /// condition.
  public let rows: [Row]
  /// All of the network's parameters.
  public let parameters: Parameters

  /// The sum of all rows' ``Row/multiplications``.
  public var multiplications: Int { rows.reduce(0) { $0 + $1.multiplications } }

  /// A row's part of all multiplications, 0 to 1.
  package func share(of row: Row) -> Double {
    multiplications == 0 ? 0 : Double(row.multiplications) / Double(multiplications)
  }
}

extension Network {
  /// The network's layers with their sizes, found by one run in evaluation with weights of zero.
  ///
  /// - Complexity: one evaluation of one sample.
  public func summary() -> NetworkSummary {
    let trace = NetworkTrace()
    let pass = Pass(.evaluate, table, weights: table.makeBlock())
    pass.trace = trace
    _ = forwardZeros(1, pass)

    var seen: Set<Slot> = []
    let rows = zip(trace.entries, trace.tensors(of: table)).map { entry, tensors in
      NetworkSummary.Row(
        name: commonName(tensors), kind: kind(entry.layer, tensors), output: entry.output,
        parameters: NetworkSummary.Parameters(tensors.filter { seen.insert($0.slot).inserted }),
        multiplications: entry.layer.multiplications(entry.input, entry.output))
    }
    return NetworkSummary(
      network: name, sampleShape: sampleShape, rows: rows,
      parameters: NetworkSummary.Parameters(table.parameters))
  }
}

extension NetworkSummary.Parameters {
  fileprivate init(_ tensors: [Parameter]) {
    for tensor in tensors {
      switch tensor.role {
      case .trainable: trainable += tensor.count
      case .frozen: frozen += tensor.count
      case .statistic, .counter: statistics += tensor.count
      }
    }
  }
}

extension NetworkTrace {
  /// The tensors of each entry.
  func tensors(of table: ParameterTable) -> [[Parameter]] {
    let bySlot = Dictionary(uniqueKeysWithValues: table.parameters.map { ($0.slot, $0) })
    return entries.map { $0.layer.slots.compactMap { bySlot[$0] } }
  }
}

/// What a layer does; a convolution along signals is one over images of one line, as its tensor tells.
func kind(_ layer: any Leaf, _ tensors: [Parameter]) -> String {
  if let line = layer as? Conv2d, tensors.first?.shape.count == 3 {
    return "Conv1d \(line.geometry.signalTitle)"
  }
  return layer.kind
}

/// The parts that names begin with in common, the last part of each left out where there are more.
func commonName(_ tensors: [Parameter]) -> String {
  guard let first = tensors.first else { return "" }
  if tensors.count == 1, !first.name.contains(".") { return first.name }
  var common = first.name.split(separator: ".").dropLast()
  for tensor in tensors.dropFirst() {
    let parts = tensor.name.split(separator: ".").dropLast()
    common = common.prefix(zip(common, parts).prefix { $0 == $1 }.count)
  }
  return common.joined(separator: ".")
}
