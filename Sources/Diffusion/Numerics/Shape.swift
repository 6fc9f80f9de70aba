/// (batch, height, width, channels), channels last.
///
/// A vector is (batch, 1, 1, channels), a signal (batch, 1, length, channels).
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  /// The number of samples.
  public var batch: Int
  /// Rows of a sample.
  public var height: Int
  /// Positions in a row.
  public var width: Int
  /// Values at a position.
  public var channels: Int

  /// A shape with these sizes, each 0 or more.
  public init(_ batch: Int, _ height: Int, _ width: Int, _ channels: Int) {
    precondition(
      batch >= 0 && height >= 0 && width >= 0 && channels >= 0,
      "Shape expects dimensions of at least 0, got (\(batch), \(height), \(width), \(channels))")
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The number of elements.
  public var count: Int { batch * height * width * channels }

  /// The number of elements of one sample.
  public var sampleCount: Int { height * width * channels }

  /// The number of positions, each of which holds a vector of `channels` values.
  public var positions: Int { batch * height * width }

  /// The same shape with another number of samples.
  public func with(batch: Int) -> Shape { Shape(batch, height, width, channels) }
  /// The same shape with another number of channels.
  public func with(channels: Int) -> Shape { Shape(batch, height, width, channels) }

  /// The numbers of one sample among those of a batch, one sample after another.
  package func sample(_ index: Int, of values: [Float]) -> [Float] {
    Array(values[index * sampleCount..<(index + 1) * sampleCount])
  }

  public var description: String { "(\(batch), \(height), \(width), \(channels))" }
}
