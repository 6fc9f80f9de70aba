/// Draws many samples in batches, so that memory does not grow with their number.
///
/// Sample k does not depend on the number of samples or on the size of the batches.
public struct SampleDrawing: Sendable {
  /// How samples are drawn; its count is ignored.
  public var sampling: SamplingConfiguration
  /// The number of samples.
  public var count: Int
  /// The maximum number of samples drawn together.
  public var batch = 100

  /// A drawing of `count` samples.
  public init(_ sampling: SamplingConfiguration, count: Int) {
    (self.sampling, self.count) = (sampling, count)
  }

  /// Draws the samples, as a set with the format's range.
  ///
  /// - Parameters:
  ///   - name: the name of the set.
  ///   - format: the format of the samples.
  ///   - makeTrajectory: makes the trajectory of the samples of a configuration.
  ///   - progress: called after each sampling step with the completed steps, counted in samples; returns
  ///     whether to continue.
  /// - Returns: the samples, images with 8 bits per value, as in files; nil if `progress` stopped it.
  /// - Throws: what `makeTrajectory` and `progress` throw; a ``ModelError`` where samples are not finite.
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
    if let text = format.text { return Dataset(name: name, values, format.shape, text) }
    guard format.kind == .image else {
      return Dataset(
        name: name, kind: format.kind, shape: format.shape, range: format.range, values: values,
        sound: format.sound)
    }
    return Dataset(images: values, in: format.range, name: name, format)
  }
}
