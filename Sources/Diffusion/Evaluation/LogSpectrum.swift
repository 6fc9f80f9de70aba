internal import Platform

/// The logarithm of a signal's power by frequency, in decibels: what a signal sounds or looks like, whatever
/// its phase.
///
/// Signals longer than a window are cut into windows that overlap by half, each tapered by Hann's window,
/// whose powers are averaged (Welch 1967).
enum LogSpectrum {
  /// Values a window, at most.
  static let windowLength = 256
  /// What is added to the power, 100 dB below that of a constant 1, so that silence has a logarithm.
  private static let floor = 1e-10

  /// The number of frequencies of a signal of so many values.
  static func frequencies(_ length: Int) -> Int { min(length, windowLength) / 2 + 1 }

  /// The spectra of the samples of a set, channel by channel.
  static func features(of signals: Dataset) -> Features {
    let (length, channels) = (signals.shape.width, signals.shape.channels)
    let window = min(length, windowLength)
    let bins = frequencies(length)
    let starts = Array(stride(from: 0, through: length - window, by: max(window / 2, 1)))
    let waves = waves(window, bins, tapered: starts.count > 1)
    let dimensions = bins * channels
    let values = [Double](unsafeUninitializedCapacity: signals.count * dimensions) {
      buffer, filled in
      guard let base = buffer.baseAddress else { return }
      parallelTasks(signals.count) { index in
        let sample = signals.sample(at: index)
        for channel in 0..<channels {
          var parts = DenseMatrix(starts.count, window)
          for (row, start) in starts.enumerated() {
            for i in 0..<window {
              parts.values[row * window + i] = Double(sample[(start + i) * channels + channel])
            }
          }
          let transformed = parts.times(waves)
          for bin in 0..<bins {
            var power = 0.0
            for row in 0..<starts.count {
              let real = transformed.values[row * 2 * bins + bin]
              let imaginary = transformed.values[row * 2 * bins + bins + bin]
              power += real * real + imaginary * imaginary
            }
            let place = index * dimensions + channel * bins + bin
            (base + place).initialize(
              to: 10 * log10(power / Double(starts.count) + floor))
          }
        }
      }
      filled = signals.count * dimensions
    }
    return Features(values, dimensions: dimensions, label: "log spectrum")
  }

  /// Cosines, then sines, of every frequency: window × 2·bins, scaled so that a constant 1 has power 1.
  private static func waves(_ window: Int, _ bins: Int, tapered: Bool) -> DenseMatrix {
    var result = DenseMatrix(window, 2 * bins)
    for i in 0..<window {
      let taper = tapered ? 1 - cos(2 * .pi * Double(i) / Double(window)) : 1
      for bin in 0..<bins {
        let angle = 2 * .pi * Double(i * bin % window) / Double(window)
        result.values[i * 2 * bins + bin] = taper * cos(angle) / Double(window)
        result.values[i * 2 * bins + bins + bin] = taper * sin(angle) / Double(window)
      }
    }
    return result
  }
}
