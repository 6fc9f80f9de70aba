internal import Platform

/// Log-mel spectrograms as images, and the way back to sound.
///
/// A column is a frame, a row a mel band, high frequencies at the top. Values are decibels of power:
/// ``floor`` is −1, ``ceiling`` 1. The mel scale is Slaney's, with bands of equal area, as librosa's
/// `feature.melspectrogram` has by default.
package struct MelSpectrogram: Sendable, Hashable {
  /// The level of −1 in decibels: 80 below the ceiling, which hides the noise of 16 bits.
  package static let floor: Float = -50
  /// The level of 1, which a full-scale tone does not reach.
  static let ceiling: Float = 30
  /// The decibels between them.
  private static let span = ceiling - floor
  /// Smaller powers count as this one.
  private static let leastPower: Float = 1e-10

  /// Values of a second, in hertz.
  package let rate: Int
  /// Values of a window.
  package let window: Int
  /// Values from one window to the next.
  package let hop: Int
  /// Mel bands.
  package let bands: Int

  package init(rate: Int, window: Int, hop: Int, bands: Int) {
    (self.rate, self.window, self.hop, self.bands) = (rate, window, hop, bands)
  }

  private var binCount: Int { window / 2 + 1 }

  /// The number of frames of sounds of so many values.
  package func frames(_ length: Int) -> Int { 1 + length / hop }

  /// One image: (1, bands, frames, 1).
  package func shape(_ length: Int) -> Shape { Shape(1, bands, frames(length), 1) }

  // MARK: The mel scale

  /// Slaney's mel of a frequency in hertz: linear up to 1 kHz, logarithmic above.
  ///
  /// Source: Slaney 1998, Auditory Toolbox, as `hz_to_mel` of librosa.
  private static func mel(_ frequency: Double) -> Double {
    frequency < 1000 ? frequency * 3 / 200 : 15 + log(frequency / 1000) * 27 / log(6.4)
  }

  private static func frequency(_ mel: Double) -> Double {
    mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
  }

  /// A triangle over some bins.
  struct Band: Sendable {
    let first: Int
    let weights: [Float]
  }

  /// The filter bank: for each band, low ones first, its weights.
  var filters: [Band] {
    let top = Self.mel(Double(rate) / 2)
    let edges = (0..<bands + 2).map { Self.frequency(top * Double($0) / Double(bands + 1)) }
    return (0..<bands).map { band in
      let (low, middle, high) = (edges[band], edges[band + 1], edges[band + 2])
      let weights = (0..<binCount).map { bin in
        let frequency = Double(rate) * Double(bin) / Double(window)
        let rise = (frequency - low) / (middle - low)
        let fall = (high - frequency) / (high - middle)
        return Float(max(0, min(rise, fall)) * 2 / (high - low))
      }
      let first = weights.firstIndex { $0 > 0 } ?? 0
      let last = weights.lastIndex { $0 > 0 } ?? -1
      return Band(first: first, weights: first <= last ? Array(weights[first...last]) : [])
    }
  }

  // MARK: There and back

  /// What makes images of many signals.
  ///
  /// It keeps the filter bank and the transform's tables, and belongs to one queue.
  package final class Maker {
    private let form: MelSpectrogram
    private let filters: [Band]
    private let fourier: ShortTimeFourier

    package init(_ form: MelSpectrogram) {
      self.form = form
      filters = form.filters
      fourier = ShortTimeFourier(window: form.window, hop: form.hop)
    }

    /// The power in every band, (frames, bands), low bands first.
    func power(of signal: [Float]) -> [Float] {
      let power = fourier.power(signal)
      let frames = form.frames(signal.count)
      var result: [Float] = []
      result.reserveCapacity(frames * form.bands)
      for frame in 0..<frames {
        for band in filters {
          var sum: Float = 0
          for (i, weight) in band.weights.enumerated() {
            sum += weight * power[frame * form.binCount + band.first + i]
          }
          result.append(sum)
        }
      }
      return result
    }

    /// The levels of a signal in decibels, (bands, frames), high bands first; −100 for silence.
    package func decibels(of signal: [Float]) -> [Float] {
      let power = power(of: signal)
      let (bands, frames) = (form.bands, power.count / form.bands)
      var levels = [Float](repeating: 0, count: power.count)
      for frame in 0..<frames {
        for band in 0..<bands {
          levels[(bands - 1 - band) * frames + frame] =
            10 * log10(max(power[frame * bands + band], MelSpectrogram.leastPower))
        }
      }
      return levels
    }

    /// The image of a signal, (bands, frames), high bands first.
    package func image(of signal: [Float]) -> [Float] {
      decibels(of: signal).map { decibels in
        let share = (decibels - MelSpectrogram.floor) / MelSpectrogram.span
        return min(max(2 * share - 1, -1), 1)
      }
    }
  }

  /// One that shows and compares waveforms of a format: windows of about 32 ms, at most 128 of them.
  package static func shown(_ format: SoundFormat) -> MelSpectrogram {
    let window = max(16, format.rate / 64 * 2)
    return MelSpectrogram(
      rate: format.rate, window: window, hop: max(1, window / 4, format.length / 127), bands: 32)
  }

  /// The sound of an image: the power of the bands spread over frequencies, and phases by Griffin and Lim's
  /// algorithm.
  func waveform(of image: [Float], length: Int, iterations: Int) -> [Float] {
    let frames = image.count / bands
    var power = [Float](repeating: 0, count: image.count)
    for frame in 0..<frames {
      for band in 0..<bands {
        let value = min(max(image[(bands - 1 - band) * frames + frame], -1), 1)
        // What lies at the floor is silence, not noise at that level.
        guard value > -0.98 else { continue }
        let decibels = Self.floor + (value + 1) / 2 * Self.span
        power[frame * bands + band] = pow(10, decibels / 10)
      }
    }
    let magnitudes = spread(power, filters).map { $0.squareRoot() }
    return ShortTimeFourier(window: window, hop: hop).griffinLim(
      magnitudes, length: length, iterations: iterations)
  }

  /// Powers of frequencies, none negative, whose sums over the bands come nearest to `power`, in the sense of
  /// the Kullback–Leibler divergence: loud bands do not drown soft ones.
  ///
  /// Source: the multiplicative updates of Lee and Seung 2001, theorem 2.
  func spread(_ power: [Float], _ filters: [Band], updates: Int = 128) -> [Float] {
    let frames = power.count / bands
    var result = [Float](repeating: 0, count: frames * binCount)
    let reach = toBins([Float](repeating: 1, count: bands)[...], filters)
    for frame in 0..<frames {
      let target = power[frame * bands..<(frame + 1) * bands]
      guard target.contains(where: { $0 > 0 }) else { continue }
      var bins = toBins(target, filters)
      for _ in 0..<updates {
        let ratios = zip(target, toBands(bins, filters)).map { wanted, found in
          found > 0 ? wanted / found : 0
        }
        let factors = toBins(ratios[...], filters)
        for bin in bins.indices where reach[bin] > 0 { bins[bin] *= factors[bin] / reach[bin] }
      }
      result.replaceSubrange(frame * binCount..<(frame + 1) * binCount, with: bins)
    }
    return result
  }

  /// The sum over bands of a value times the band's weights, by frequency.
  private func toBins(_ values: ArraySlice<Float>, _ filters: [Band]) -> [Float] {
    var bins = [Float](repeating: 0, count: binCount)
    for (value, band) in zip(values, filters) {
      for (i, weight) in band.weights.enumerated() { bins[band.first + i] += weight * value }
    }
    return bins
  }

  /// The weighted sums of the bands.
  private func toBands(_ bins: [Float], _ filters: [Band]) -> [Float] {
    filters.map { band in
      var sum: Float = 0
      for (i, weight) in band.weights.enumerated() { sum += weight * bins[band.first + i] }
      return sum
    }
  }
}

extension Dataset {
  /// The log-mel spectrograms of waveforms, as images.
  func spectrograms(_ form: MelSpectrogram) -> Dataset {
    precondition(kind == .signal, "\(name) has no waveforms")
    let maker = MelSpectrogram.Maker(form)
    let values = (0..<count).flatMap { maker.image(of: sample(at: $0)) }
    return Dataset(
      name: name, kind: .image, shape: form.shape(shape.width), range: -1...1, values: values,
      labels: labels, classNames: classNames,
      sound: SoundFormat(
        rate: sound?.rate ?? form.rate, length: shape.width, spectrogram: form))
  }
}
