/// Sounds one after another, a quarter of a second apart, to be heard in one go.
public struct Soundtrack: Sendable, Hashable {
  /// The values, in [−1, 1] unless the samples are louder.
  public let values: [Float]
  /// Values of a second, in hertz.
  public let rate: Int

  /// The sounds of samples of this format, spectrograms by Griffin and Lim's algorithm; nil where samples are no
  /// sound.
  public init?(_ samples: [[Float]], _ format: SampleFormat) {
    guard let sound = format.sound else { return nil }
    rate = sound.rate
    let pause = [Float](repeating: 0, count: sound.rate / 4)
    values = Array(samples.map { sound.waveform(of: $0) }.joined(separator: pause))
  }

  /// Writes it as WAV with 16 bits a value; what lies outside [−1, 1] is cut off.
  public func write(to path: String) throws(FileError) {
    try SoundFile.write(values, rate: rate, to: path)
  }
}
