/// Where a sampler's random numbers come from.
///
/// By default every sample has its own stream, so that sample 3 is the same in a batch of 4 and in a batch
/// of 64.
public struct NoiseSource {
  /// One generator a sample, or a single one for the whole batch.
  private var generators: [Random]
  private let drawsPerSample: Bool
  /// Tensors to hand out in order, for comparison with other programs.
  private let recorded: [Tensor]
  private var buffer: Tensor?

  /// How many times noise was drawn so far.
  package private(set) var draws = 0

  /// Streams for the samples with these indices, from this seed.
  public init(seed: UInt64, samples: Range<Int>) {
    let base = mixed(seed)
    generators = samples.map { Random(seed: base &+ UInt64($0)) }
    drawsPerSample = true
    recorded = []
  }

  /// One generator for the whole batch: PyTorch's order, which depends on the size of the batch.
  package init(batch random: Random) {
    generators = [random]
    drawsPerSample = false
    recorded = []
  }

  /// The given tensors, in order.
  package init(recorded: [Tensor]) {
    generators = []
    drawsPerSample = false
    self.recorded = recorded
  }

  /// The next standard normal numbers; valid until the next draw.
  ///
  /// - Precondition: there is one stream per sample, or a recorded tensor of this shape.
  public mutating func draw(_ shape: Shape) -> Tensor {
    defer { draws += 1 }
    if generators.isEmpty { return nextRecorded(shape) }
    let noise = buffer?.shape == shape ? buffer ?? Tensor(shape) : Tensor(shape)
    buffer = noise
    if drawsPerSample {
      precondition(
        shape.batch == generators.count, "\(generators.count) streams cannot fill \(shape)")
      let one = Tensor(shape.with(batch: 1))
      withExtendedLifetime((one, noise)) {
        for sample in generators.indices {
          generators[sample].fillNormal(one)
          (noise.pointer + sample * one.count).update(from: one.pointer, count: one.count)
        }
      }
    } else {
      generators[0].fillNormal(noise)
    }
    return noise
  }

  private func nextRecorded(_ shape: Shape) -> Tensor {
    precondition(draws < recorded.count, "only \(recorded.count) tensors of noise were recorded")
    let noise = recorded[draws]
    precondition(noise.shape == shape, "recorded noise is \(noise.shape), wanted \(shape)")
    return noise
  }

  /// Where sampling starts at `level`: noise of the level's starting deviation.
  package mutating func start(_ shape: Shape, at level: NoiseLevel) -> Tensor {
    start(shape, deviation: level.startingDeviation)
  }

  /// Noise of a deviation, where sampling starts.
  mutating func start(_ shape: Shape, deviation: Double) -> Tensor {
    let x = draw(shape).copy()
    x.assign(Float(deviation), x, plus: 0, x)
    return x
  }

  /// Leaves out draws, as if a trajectory had been followed to its middle.
  package mutating func skip(_ count: Int, _ shape: Shape) {
    for _ in 0..<count { _ = draw(shape) }
  }
}

/// Spreads neighbouring seeds over all 64-bit numbers.
///
/// Source: Steele, Lea and Flood 2014, the finaliser of SplitMix.
private func mixed(_ seed: UInt64) -> UInt64 {
  var z = seed &+ 0x9e37_79b9_7f4a_7c15
  z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
  z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
  return z ^ (z >> 31)
}
