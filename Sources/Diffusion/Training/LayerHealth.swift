/// How a layer fares in a step of training.
public struct LayerHealth: Sendable, Hashable {
  /// The common part of the names of its tensors.
  public let name: String
  /// How many numbers it has that training moves.
  public let count: Int
  /// The norm of its weights after the step.
  public let weightNorm: Double
  /// The norm of their gradients, before clipping.
  public let gradientNorm: Double
  /// The norm of what the step changed.
  public let updateNorm: Double
  /// How many of the units of the ReLU behind it were zero for the whole batch (the last of those that a step
  /// accumulates), and how many there are; nil where no such activation follows.
  public let dead: ActivationUnits?

  /// How much of itself the step changed.
  public var updateRatio: Double { updateNorm / weightNorm }
}

/// Measures the layers in one step: keeps the weights of before, and watches activations.
final class LayerMeasurement {
  private let before: Tensor
  let trace = NetworkTrace(watchesUnits: true)

  init(_ parameters: ParameterBlock) {
    before = Tensor(Shape(1, 1, 1, parameters.gradients.count))
    before.pointer.update(from: parameters.weights.pointer, count: before.count)
  }

  /// The layers in their order; gradients are multiplied by `share`.
  func finish(
    _ table: ParameterTable, _ parameters: ParameterBlock, share: Double
  ) -> [LayerHealth] {
    let dead = deadUnits(table)
    var order: [String] = []
    var layers: [String: [Slot]] = [:]
    for parameter in table.parameters where parameter.slot.isTrainable {
      let name = parameter.layerName
      if layers[name] == nil { order.append(name) }
      layers[name, default: []].append(parameter.slot)
    }
    return order.map { name in
      var (weights, gradients, updates) = (0.0, 0.0, 0.0)
      for slot in layers[name] ?? [] {
        let w = parameters.weights.pointer + slot.offset
        let (old, g) = (before.pointer + slot.offset, parameters.gradients.pointer + slot.offset)
        weights += sumOfSquares(w, slot.count)
        gradients += sumOfSquares(g, slot.count)
        updates += squaredDistance(w, old, slot.count)
      }
      return LayerHealth(
        name: name, count: (layers[name] ?? []).reduce(0) { $0 + $1.count },
        weightNorm: weights.squareRoot(), gradientNorm: gradients.squareRoot() * share,
        updateNorm: updates.squareRoot(), dead: dead[name])
    }
  }

  /// What the activations behind layers said, by the layers' names.
  private func deadUnits(_ table: ParameterTable) -> [String: ActivationUnits] {
    var names: [Slot: String] = [:]
    for parameter in table.parameters { names[parameter.slot] = parameter.layerName }
    var result: [String: ActivationUnits] = [:]
    var last: String?
    for entry in trace.entries {
      if let slot = entry.layer.slots.first { last = names[slot] }
      if let units = entry.units, let last { result[last] = units }
    }
    return result
  }
}

extension Parameter {
  /// Its name without the last part, which is that of the layer.
  fileprivate var layerName: String {
    name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }
}

private func squaredDistance(
  _ values: UnsafePointer<Float>, _ others: UnsafePointer<Float>, _ count: Int
) -> Double {
  var sum = 0.0
  for i in 0..<count {
    let difference = Double(values[i] - others[i])
    sum += difference * difference
  }
  return sum
}
