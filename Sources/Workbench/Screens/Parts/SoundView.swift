import Diffusion
import TUI

/// A sound as its waveform and, beside or below it, its spectrogram.
struct SoundView {
  let context: DrawingContext
  let format: SoundFormat
  /// The values between which the waveform is drawn.
  let span: ClosedRange<Double>
  /// Where on the noise ramp the sound is, from 0 (noise) to 1 (data).
  var place = 1.0
  /// Whether numbers stand beside the spectrogram.
  var showsAxes = false
  private let form: MelSpectrogram

  /// What is computed of waveforms: filter banks, and as many spectrograms as fit on a screen.
  struct Spectrograms {
    fileprivate struct Key: Equatable {
      var form: MelSpectrogram
      var waveform: [Float]
    }

    private let maker = Memo<MelSpectrogram, MelSpectrogram.Maker>()
    private let levels = Memo<Key, [Float]>(keeping: 64)

    /// The levels of a waveform in decibels, (bands, frames).
    fileprivate func levels(of waveform: [Float], _ form: MelSpectrogram) -> [Float] {
      levels.value(for: Key(form: form, waveform: waveform)) {
        maker.value(for: form) { MelSpectrogram.Maker(form) }.decibels(of: waveform)
      }
    }
  }

  /// The decibels between the brightest and the darkest of a waveform's spectrogram.
  private static let dynamics = 50.0

  init(_ format: SoundFormat, span: ClosedRange<Double>, _ context: DrawingContext) {
    (self.format, self.span, self.context) = (format, span, context)
    form = format.spectrogram ?? .shown(format)
  }

  /// A waveform and its spectrogram, whose loudest place is the brightest: noise far above full scale looks
  /// like noise.
  func draw(waveform: [Float], in area: Rect, _ surface: inout Surface) {
    let levels = context.spectrograms.levels(of: waveform, form)
    draw(waveform, levels, Self.range(of: levels), in: area, &surface)
  }

  /// The levels from the darkest to the brightest; silence is dark.
  static func range(of levels: [Float]) -> ClosedRange<Double> {
    let loudest = Double(max(levels.lazy.filter(\.isFinite).max() ?? 0, MelSpectrogram.floor))
    return loudest - dynamics...loudest
  }

  /// A spectrogram and the waveform that it sounds like, where that is known.
  func draw(
    waveform: [Float]?, spectrogram: [Float], in area: Rect, _ surface: inout Surface
  ) {
    draw(waveform, spectrogram, -1...1, in: area, &surface)
  }

  private func draw(
    _ waveform: [Float]?, _ spectrogram: [Float], _ range: ClosedRange<Double>, in area: Rect,
    _ surface: inout Surface
  ) {
    let isWide = area.width >= 20
    let halves =
      isWide
      ? area.columns(.fraction(1), .fraction(1), gap: 1)
      : area.height >= 4 ? area.rows(.fraction(1), .fraction(1)) : [area, .zero]
    if let waveform {
      SignalPlot(waveform.map(Double.init), range: span, ink: .noise(place)).draw(
        in: halves[0], on: &surface, theme: context.theme)
    }
    draw(spectrogram, range, in: waveform == nil ? area : halves[1], &surface)
  }

  private func draw(
    _ spectrogram: [Float], _ range: ClosedRange<Double>, in area: Rect, _ surface: inout Surface
  ) {
    let frames = spectrogram.count / max(form.bands, 1)
    guard frames > 0, !area.isEmpty else { return }
    let duration = Double(format.length) / Double(format.rate)
    let width = duration / Double(frames)
    let bands = form.bands
    var strips: [HeatMap.Strip] = []
    for frame in 0..<frames {
      let values = (0..<bands).map { Double(spectrogram[(bands - 1 - $0) * frames + frame]) }
      let start = Double(frame) * width
      strips.append(HeatMap.Strip(start...start + width, values))
    }
    var map = HeatMap(strips, style: context.imageStyle)
    map.scale = .linear
    map.range = range
    if showsAxes {
      map.labels = [(0, "0"), (1, "\(Numbers.short(Double(format.rate) / 2000)) kHz")]
      map.draw(in: area, on: &surface, theme: context.theme)
    } else {
      // The row of numbers below is cut off.
      let taller = Rect(
        x: area.x, y: area.y, width: area.width, height: area.height + (area.height >= 3 ? 1 : 0))
      surface.clipped(to: area) { map.draw(in: taller, on: &$0, theme: context.theme) }
    }
  }
}
