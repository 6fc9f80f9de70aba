import Foundation
import Testing

@testable import Diffusion

@Suite("Spectrograms as librosa's")
struct MelSpectrogramTests {
  private let form = MelSpectrogram(rate: 8000, window: 256, hop: 64, bands: 20)

  private func values(_ name: String) throws -> [Float] {
    try Fixture("sound").floats(name)
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    #expect(a.count == b.count)
    return zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test("the transform, and its inverse")
  func transform() throws {
    let fourier = ShortTimeFourier(window: 256, hop: 64)
    let signal = try values("signal")
    let spectrum = fourier.transform(signal)
    #expect(distance(spectrum.real, try values("stft.real")) < 1e-4)
    #expect(distance(spectrum.imaginary, try values("stft.imaginary")) < 1e-4)
    let back = fourier.inverse(spectrum, length: signal.count)
    #expect(distance(back, try values("istft")) < 1e-5)
    #expect(distance(back, signal) < 1e-5)
  }

  @Test("the filter bank, powers and decibels")
  func mel() throws {
    let filters = form.filters.flatMap { band in
      [Float](repeating: 0, count: band.first) + band.weights
        + [Float](repeating: 0, count: 129 - band.first - band.weights.count)
    }
    #expect(distance(filters, try values("filters")) < 1e-7)
    let signal = try values("signal")
    let power = MelSpectrogram.Maker(form).power(of: signal)
    let expected = try values("mel")
    for (a, b) in zip(power, expected) { #expect(abs(a - b) <= 1e-4 * b + 1e-9) }
    let image = MelSpectrogram.Maker(form).image(of: signal)
    let decibels = try values("decibels")
    for frame in 0..<33 {
      for band in 0..<20 {
        let share = (decibels[frame * 20 + band] + 50) / 80
        let found = image[(19 - band) * 33 + frame]
        #expect(abs(found - min(max(2 * share - 1, -1), 1)) < 1e-4)
      }
    }
  }

  @Test("Griffin and Lim's algorithm", arguments: [1, 4])
  func griffinLim(iterations: Int) throws {
    let fourier = ShortTimeFourier(window: 256, hop: 64)
    let signal = try values("signal")
    let magnitudes = fourier.power(signal).map { $0.squareRoot() }
    let found = fourier.griffinLim(magnitudes, length: signal.count, iterations: iterations)
    #expect(distance(found, try values("griffinlim.\(iterations)")) < 2e-3)
  }

  @Test("powers spread over frequencies have the sums of the bands")
  func spread() throws {
    let power = try values("mel")
    let spread = form.spread(power, form.filters)
    #expect(spread.allSatisfy { $0 >= 0 })
    for frame in 0..<33 {
      for (band, filter) in form.filters.enumerated() {
        var sum: Float = 0
        for (i, weight) in filter.weights.enumerated() {
          sum += weight * spread[frame * 129 + filter.first + i]
        }
        let expected = power[frame * 20 + band]
        #expect(abs(sum - expected) <= 0.05 * expected + 1e-5)
      }
    }
  }

  @Test("the sound of an image has nearly that image")
  func roundTrip() throws {
    let signal = try values("signal")
    let maker = MelSpectrogram.Maker(form)
    let image = maker.image(of: signal)
    let back = form.waveform(of: image, length: signal.count, iterations: 32)
    let again = maker.image(of: back)
    let errors = zip(image, again).map { Double(abs($0 - $1)) }
    // 80 dB are 2: on average within 4 dB.
    #expect(errors.reduce(0, +) / Double(errors.count) < 0.1)
    let silence = [Float](repeating: -1, count: image.count)
    #expect(form.waveform(of: silence, length: signal.count, iterations: 2).allSatisfy { $0 == 0 })
  }

  @Test("a set of spectrograms is a set of images that can be heard")
  func sets() throws {
    let data = try DataCatalog.open("drums", sound: SoundConfiguration(LogMelForm()))
    #expect(data.kind == .image)
    #expect(data.shape == Shape(1, 32, 64, 1))
    #expect(data.range == -1...1)
    let sound = try #require(data.sound)
    #expect(sound.waveform(of: data[9], iterations: 2).count == 8064)
  }
}
