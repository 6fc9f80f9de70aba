internal import Platform

/// The exact denoiser of a finite set of texts, each as likely: what a network that has learned them perfectly
/// would answer.
///
/// The probability of a token at a masked position is its share among the texts that agree with all that is
/// visible. Where none agrees, as parallel samplers can bring about, it is the token's share among all texts.
public struct ExactTextDenoiser: Denoiser, Sendable {
  private let tokens: [UInt16]
  private let length: Int
  private let vocabulary: Int

  /// The exact denoiser of a data set.
  ///
  /// - Precondition: its samples are text.
  public init(_ dataset: Dataset) {
    guard let text = dataset.text else { preconditionFailure("\(dataset.name) is not text") }
    length = dataset.shape.sampleCount
    vocabulary = text.vocabulary
    tokens = dataset.values(at: Array(0..<dataset.count)).map { UInt16($0) }
  }

  public func predict(_ query: Query) -> Prediction {
    let x = query.x
    precondition(x.shape.sampleCount == length, "texts have \(length) positions, got \(x.shape)")
    let logits = Tensor(x.shape.with(channels: vocabulary))
    let (input, output) = (x.pointer, logits.pointer)
    let size = length * vocabulary
    tokens.withUnsafeBufferPointer { tokens in
      parallelTasks(x.shape.batch) { sample in
        count(input + sample * length, tokens, into: output + sample * size)
      }
    }
    for i in 0..<logits.count { output[i] = logf(output[i]) }
    return withExtendedLifetime(x) { Prediction(logits: logits, at: x) }
  }

  /// Counts the tokens of the texts that agree with a sample, position by position.
  private func count(
    _ sample: UnsafePointer<Float>, _ tokens: UnsafeBufferPointer<UInt16>,
    into counts: UnsafeMutablePointer<Float>
  ) {
    let visible = (0..<length).filter { Int(sample[$0]) < vocabulary }
    func add(where fits: (Int) -> Bool) -> Bool {
      var found = false
      for start in stride(from: 0, to: tokens.count, by: length) where fits(start) {
        found = true
        for i in 0..<length { counts[i * vocabulary + Int(tokens[start + i])] += 1 }
      }
      return found
    }
    let agrees = add { start in
      visible.allSatisfy { tokens[start + $0] == UInt16(sample[$0]) }
    }
    if !agrees { _ = add { _ in true } }
  }
}
