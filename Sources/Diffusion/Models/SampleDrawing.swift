/// Draws many samples, some at a time, so that memory does not grow with their number.
///
/// Sample k is the same image whatever the number of samples, and however many are drawn at a time.
public struct SampleDrawing: Sendable {
  /// How samples are drawn; its count does not matter.
  public var sampling: SamplingConfiguration
  /// The number of samples.
  public var count: Int
  /// The most that are drawn together.
  public var batch = 100

  /// A drawing of so many samples.
  public init(_ sampling: SamplingConfiguration, count: Int) {
    (self.sampling, self.count) = (sampling, count)
  }

  /// Draws the samples, as a set with the format's range.
  ///
  /// - Parameters:
  ///   - name: what the set is called.
  ///   - format: what the samples are.
  ///   - makeTrajectory: the trajectory of the samples that a configuration asks for.
  ///   - progress: called after each sampling step with how many samples' worth of steps are done; answers
  ///     whether to go on.
  /// - Returns: the samples; images have 8 bits, as files of them would have. Nil where it did not go on.
  /// - Throws: what `makeTrajectory` and `progress` throw; a ``ModelError`` where samples stop being finite.
  public func draw(
    name: String, _ format: SampleFormat,
    by makeTrajectory: (SamplingConfiguration) throws -> Trajectory,
    progress: (_ done: Double) throws -> Bool = { _ in true }
  ) throws -> Dataset? {
    var values: [Float] = []
    values.reserveCapacity(count * format.shape.sampleCount)
    for start in stride(from: 0, to: count, by: batch) {
      var part = sampling
      part.firstSample = sampling.firstSample + start
      part.count = min(batch, count - start)
      var last: Frame?
      for frame in try makeTrajectory(part) {
        guard frame.isFinite else {
          throw ModelError.sampling(
            "the samples are no longer finite at sampling step \(frame.index)")
        }
        let share = Double(frame.index) / Double(max(frame.frameCount - 1, 1))
        guard try progress(Double(start) + share * Double(part.count)) else { return nil }
        last = frame
      }
      values += last?.x ?? []
    }
    guard format.kind == .image else {
      return Dataset(
        name: name, kind: format.kind, shape: format.shape, range: format.range, values: values)
    }
    return Dataset(images: values, in: format.range, name: name, format)
  }
}
