/// Where a trajectory begins, and the noise of its steps, as another program wrote them.
///
/// A safetensors file with the tensor `x_T` (B, …) and, where the trajectory's noise is given as well, `z`
/// (steps, B, …); samples have PyTorch's shape: (channels, height, width), (channels, length) of signals and
/// of text as bits, (2) of points. `x_T` is the state itself, not yet to be multiplied by a sigma.
package struct NoiseFile: Sendable {
  /// x_T in (batch, height, width, channels) order.
  package let start: [Float]
  /// The number of samples.
  package let count: Int
  /// z of each step in the same order; nil where none was given.
  package let steps: [[Float]]?

  /// Reads the noise for samples of `shape` (batch 1).
  package init(contentsOf path: String, sample shape: Shape, kind: Dataset.Kind) throws(FileError) {
    let file = try SafeTensors(contentsOf: path)
    let dimensions = kind.dimensions(of: shape)
    func read(_ name: String, before: [String]) throws(FileError) -> ([Int], [Float]) {
      let tensor = try file.tensor(name)
      guard tensor.shape.count == before.count + dimensions.count,
        tensor.shape.dropFirst(before.count).elementsEqual(dimensions)
      else {
        let expected = (before + dimensions.map(String.init)).joined(separator: ", ")
        throw FileError(
          path, .mismatch, "has \(name) of shape \(tensor.shape); expected (\(expected))")
      }
      return (tensor.shape, tensor.values)
    }

    let (first, x) = try read("x_T", before: ["samples"])
    guard first[0] > 0 else { throw FileError(path, .mismatch, "has x_T of no samples") }
    count = first[0]
    let batch = shape.with(batch: count)
    start = Tensor(channelsFirst: x, batch).values
    guard file.entry("z") != nil else {
      steps = nil
      return
    }
    let (second, z) = try read("z", before: ["steps", "\(count)"])
    guard second[1] == count else {
      throw FileError(
        path, .mismatch, "has z for \(second[1]) samples; expected \(count) as x_T has")
    }
    steps = (0..<second[0]).map { step in
      Tensor(channelsFirst: Array(z[step * batch.count..<(step + 1) * batch.count]), batch).values
    }
  }
}

/// The frames of a trajectory, for other programs to read.
///
/// A safetensors file with `x_t` and `x_0` (frames, B, …), `sigmas` (frames; σ/α) and `timesteps`
/// (frames; −1 at the clean end). Samples have PyTorch's shape, as in ``NoiseFile``.
package struct FramesFile {
  private var x: [Float] = []
  private var x0: [Float] = []
  private var sigmas: [Float] = []
  private var timesteps: [Float] = []
  private var shape = Shape(0, 0, 0, 0)

  package init() {}

  package mutating func add(_ frame: Frame) {
    shape = frame.shape
    x += Tensor(shape, frame.x).channelsFirst
    x0 += Tensor(shape, frame.x0).channelsFirst
    sigmas.append(Float(frame.level.sigmaOverAlpha))
    timesteps.append(Float(frame.timestep))
  }

  /// Replaces the file at `path`, as a whole or not at all.
  package func write(
    kind: Dataset.Kind, metadata: [(String, String)], to path: String
  ) throws(FileError) {
    let frames = sigmas.count
    let dimensions = [frames, shape.batch] + kind.dimensions(of: shape)
    let tensors = [
      NamedTensor(name: "x_t", shape: dimensions, values: x),
      NamedTensor(name: "x_0", shape: dimensions, values: x0),
      NamedTensor(name: "sigmas", shape: [frames], values: sigmas),
      NamedTensor(name: "timesteps", shape: [frames], values: timesteps),
    ]
    try SafeTensors.write(tensors.map { .tensor($0) }, metadata: metadata, to: path)
  }
}

extension Dataset.Kind {
  /// The dimensions of one sample in PyTorch's order.
  func dimensions(of shape: Shape) -> [Int] {
    switch self {
    case .points: [shape.sampleCount]
    case .text where shape.channels == 1: [shape.width]
    case .signal, .text: [shape.channels, shape.width]
    case .image: [shape.channels, shape.height, shape.width]
    }
  }
}
