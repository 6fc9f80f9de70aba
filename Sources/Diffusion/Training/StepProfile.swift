/// Where the time of one training step went.
package struct StepProfile: Sendable {
  /// One layer that computes by itself.
  package struct Layer: Sendable {
    /// The common part of its tensors' names; empty without tensors.
    package let name: String
    /// What it does, such as "Conv2d 3×3".
    package let kind: String
    /// The shape of its output for the whole batch.
    package let output: Shape
    /// Seconds.
    package let forward: Double
    /// Seconds, for the gradients of its input and its weights.
    package let backward: Double
    /// Multiplications and additions in both directions: backward takes twice those of forward where there are
    /// weights, once for x and once for them, and as many for the two factors of a product of activations.
    package let operations: Double
    /// The least it has to read and write in both directions: its input, output, weights and their gradients.
    package let bytes: Double

    /// Seconds in both directions.
    package var seconds: Double { forward + backward }
  }

  /// The layers of one kind together.
  package struct Kind: Sendable {
    package let name: String
    package let count: Int
    package let seconds: Double
    package let operations: Double
    package let bytes: Double
  }

  /// In the order in which they ran.
  package let layers: [Layer]
  /// Seconds of the whole step.
  package let total: Double
  /// Seconds for the norm of the gradients, clipping, the optimiser and the average.
  package let update: Double
  /// How many samples the step trained on.
  package let samples: Int

  /// Seconds that no layer took, nor the update: data, noise, loss, and the sums and copies between layers.
  package var other: Double {
    max(0, total - update - layers.reduce(0) { $0 + $1.seconds })
  }

  /// The kinds of layers, the slowest first.
  package var kinds: [Kind] {
    Dictionary(grouping: layers, by: \.kind).map { name, layers in
      Kind(
        name: name, count: layers.count, seconds: layers.reduce(0) { $0 + $1.seconds },
        operations: layers.reduce(0) { $0 + $1.operations },
        bytes: layers.reduce(0) { $0 + $1.bytes })
    }.sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
  }
}

extension StepProfile {
  init(_ trace: NetworkTrace, _ table: ParameterTable, total: Double, update: Double, samples: Int)
  {
    (self.total, self.update, self.samples) = (total, update, samples)
    layers = zip(trace.entries, trace.tensors(of: table)).map { entry, tensors in
      let weights = tensors.reduce(0) { $0 + ($1.role == .trainable ? $1.count : 0) }
      return Layer(
        name: commonName(tensors), kind: Diffusion.kind(entry.layer, tensors), output: entry.output,
        forward: entry.forward, backward: entry.backward,
        operations: 6 * Double(entry.layer.multiplications(entry.input, entry.output)),
        bytes: 4 * Double(3 * entry.input.count + 2 * entry.output.count + 3 * weights))
    }
  }
}
