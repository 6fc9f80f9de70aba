internal import CKissFFT
internal import Platform

/// The short-time Fourier transform of real signals with Hann's window, and its inverse.
///
/// Windows are centred: the signal is padded with half a window of zeros at either end. The same numbers as
/// librosa's `stft` and `istft` with `pad_mode="constant"`.
///
/// It keeps the transform's tables and belongs to one queue.
package final class ShortTimeFourier {
  /// Complex values by frame, (frames, bins), low frequencies first.
  struct Spectrum {
    var real: [Float]
    var imaginary: [Float]
  }

  /// Values of a window; even.
  let window: Int
  /// Values from one window to the next.
  let hop: Int
  /// Hann's window, periodic.
  private let taper: [Float]
  private let forward: kiss_fftr_cfg
  private let backward: kiss_fftr_cfg
  private var block: [Float]
  private var bins: [kiss_fft_cpx]

  /// Frequencies of a frame: from 0 to half the rate.
  var binCount: Int { window / 2 + 1 }

  /// - Precondition: `window` is even and `hop` at least 1.
  package init(window: Int, hop: Int) {
    precondition(window >= 2 && window.isMultiple(of: 2), "a window of \(window) is not even")
    precondition(hop >= 1, "windows \(hop) apart")
    guard let forward = kiss_fftr_alloc(Int32(window), 0, nil, nil),
      let backward = kiss_fftr_alloc(Int32(window), 1, nil, nil)
    else { preconditionFailure("no memory for a transform of \(window) values") }
    (self.window, self.hop, self.forward, self.backward) = (window, hop, forward, backward)
    taper = (0..<window).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(window))) }
    block = [Float](repeating: 0, count: window)
    bins = [kiss_fft_cpx](repeating: kiss_fft_cpx(r: 0, i: 0), count: window / 2 + 1)
  }

  deinit {
    free(UnsafeMutableRawPointer(forward))
    free(UnsafeMutableRawPointer(backward))
  }

  /// The number of frames of a signal of so many values.
  package func frameCount(_ length: Int) -> Int { 1 + length / hop }

  /// The spectrum of every frame.
  func transform(_ signal: [Float]) -> Spectrum {
    let count = frameCount(signal.count) * binCount
    var result = Spectrum(
      real: [Float](repeating: 0, count: count), imaginary: [Float](repeating: 0, count: count))
    forEachFrame(of: signal) { frame, bins in
      for bin in bins.indices {
        result.real[frame * binCount + bin] = bins[bin].r
        result.imaginary[frame * binCount + bin] = bins[bin].i
      }
    }
    return result
  }

  /// The power |X|² of every frame, (frames, bins).
  package func power(_ signal: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: frameCount(signal.count) * binCount)
    forEachFrame(of: signal) { frame, bins in
      for bin in bins.indices {
        result[frame * binCount + bin] = bins[bin].r * bins[bin].r + bins[bin].i * bins[bin].i
      }
    }
    return result
  }

  private func forEachFrame(of signal: [Float], _ body: (Int, [kiss_fft_cpx]) -> Void) {
    for frame in 0..<frameCount(signal.count) {
      let start = frame * hop - window / 2
      for i in 0..<window {
        let place = start + i
        block[i] = signal.indices.contains(place) ? signal[place] * taper[i] : 0
      }
      kiss_fftr(forward, block, &bins)
      body(frame, bins)
    }
  }

  /// The signal of `length` values whose frames come nearest to a spectrum in the sense of least squares.
  ///
  /// Source: Griffin and Lim 1984, equation 6.
  func inverse(_ spectrum: Spectrum, length: Int) -> [Float] {
    let frames = spectrum.real.count / binCount
    let padded = window + hop * max(frames - 1, 0)
    var sum = [Float](repeating: 0, count: padded)
    var squares = sum
    // The transform back is not scaled.
    let scale = 1 / Float(window)
    for frame in 0..<frames {
      for bin in 0..<binCount {
        let place = frame * binCount + bin
        bins[bin] = kiss_fft_cpx(r: spectrum.real[place], i: spectrum.imaginary[place])
      }
      kiss_fftri(backward, bins, &block)
      for i in 0..<window {
        sum[frame * hop + i] += block[i] * taper[i] * scale
        squares[frame * hop + i] += taper[i] * taper[i]
      }
    }
    return (0..<length).map { index in
      let place = index + window / 2
      guard place < padded else { return 0 }
      return squares[place] > .leastNormalMagnitude ? sum[place] / squares[place] : sum[place]
    }
  }

  /// A signal of `length` values whose frames have the given magnitudes, (frames, bins); phases begin at zero.
  ///
  /// - Precondition: there are as many frames as a signal of that length has.
  ///
  /// Source: Griffin and Lim 1984, with the momentum of Perraudin, Balazs and Søndergaard 2013; as `griffinlim` of
  /// librosa.
  func griffinLim(
    _ magnitudes: [Float], length: Int, iterations: Int, momentum: Float = 0.99
  ) -> [Float] {
    precondition(
      magnitudes.count == frameCount(length) * binCount,
      "\(magnitudes.count) magnitudes for a signal of \(length) values")
    var angles = Spectrum(
      real: magnitudes, imaginary: [Float](repeating: 0, count: magnitudes.count))
    var previous: Spectrum?
    let carried = momentum / (1 + momentum)
    for _ in 0..<iterations {
      let rebuilt = transform(inverse(angles, length: length))
      for i in magnitudes.indices {
        var (re, im) = (rebuilt.real[i], rebuilt.imaginary[i])
        if let previous {
          re -= carried * previous.real[i]
          im -= carried * previous.imaginary[i]
        }
        let size = (re * re + im * im).squareRoot() + .leastNormalMagnitude
        angles.real[i] = magnitudes[i] * (re / size)
        angles.imaginary[i] = magnitudes[i] * (im / size)
      }
      previous = rebuilt
    }
    return inverse(angles, length: length)
  }
}
