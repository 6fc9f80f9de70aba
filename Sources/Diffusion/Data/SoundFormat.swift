/// What it takes to hear samples that are sound.
public struct SoundFormat: Sendable, Hashable {
  /// Values of a second, in hertz.
  public let rate: Int
  /// The number of values of a sound.
  public let length: Int
  /// The spectrogram that samples are; nil where they are waveforms.
  package let spectrogram: MelSpectrogram?

  /// Waveforms of `length` values, `rate` a second.
  public init(rate: Int, length: Int) { self.init(rate: rate, length: length, spectrogram: nil) }

  package init(rate: Int, length: Int, spectrogram: MelSpectrogram?) {
    (self.rate, self.length, self.spectrogram) = (rate, length, spectrogram)
  }

  /// The waveform of a sample: itself, or by so many iterations of Griffin and Lim's algorithm.
  package func waveform(of sample: [Float], iterations: Int = 32) -> [Float] {
    guard let spectrogram else { return sample }
    return spectrogram.waveform(of: sample, length: length, iterations: iterations)
  }
}

/// How a data set of sound is made from recordings, whatever its form.
package struct SoundCutting: Sendable, Hashable {
  /// What happens to recordings that are longer than a sample.
  package enum Longer: String, RecipeWord {
    case crop, split

    package var meaning: String {
      switch self {
      case .crop: "only the beginning is kept"
      case .split: "every piece becomes a sample of its own"
      }
    }
  }

  /// The rate that all recordings are brought to, in hertz.
  package var rate = 8000
  /// Values a sample; shorter recordings end in silence.
  package var length = 8064
  /// What happens to longer ones.
  package var longer = Longer.crop
  /// The pattern of file names that shows the class; nil where sub-folders are the classes.
  package var labels: SoundLabels?
  /// Whether the loudest value of each recording becomes 0.95 or −0.95.
  package var normalizes = true

  package init() {}
}

/// Sound as a network sees it.
package protocol SoundForm: Kind {
  /// How recordings are cut.
  var cutting: SoundCutting { get set }
  /// The spectrogram that samples are; nil for waveforms.
  var spectrogram: MelSpectrogram? { get }
}

extension Setting where Root: SoundForm {
  /// The settings of every form.
  static var cutting: [Self] {
    [
      .integer(
        \.cutting.rate, "rate", 1000...192_000, step: 1000,
        "sampling rate in hertz; recordings of other rates are resampled"),
      .integer(
        \.cutting.length, "length", 64...(1 << 20), step: 64,
        "length of a sample, in values; shorter recordings are padded with silence"),
      .word(\.cutting.longer, "longer", "what happens to longer recordings"),
      Setting(
        \.cutting.labels, "label", .text("a pattern such as {label}_*"), absent: "sub-folders",
        "pattern that takes the class from the file name: `{label}_*` is the part before the first `_`; by "
          + "default the sub-folder is the class",
        write: { .text($0.pattern) },
        read: { (value) throws(SettingError) in
          guard let text = value.nonemptyText else { return nil }
          return try SoundLabels(text)
        }),
      .flag(
        \.cutting.normalizes, "normalize", "bring the loudest value of each recording to 0.95"),
    ]
  }
}

/// Sound as its values in time.
package struct WaveformForm: SoundForm {
  package static let name = "waveform"
  package static let meaning = "the values themselves, for networks of signals"

  package var cutting = SoundCutting()
  package var spectrogram: MelSpectrogram? { nil }

  package init() {}

  package static let table: [Setting<Self>] = Setting.cutting
}

/// Sound as the logarithm of its power by time and frequency.
package struct LogMelForm: SoundForm {
  package static let name = "log-mel"
  package static let meaning =
    "spectrograms with the mel scale and decibels, for networks of images; heard through Griffin and Lim's "
    + "algorithm"

  package var cutting = SoundCutting()
  /// Mel bands: the height of the image.
  package var bands = 32
  /// Values of a window.
  package var window = 512
  /// Values between the starts of windows.
  package var hop = 128

  package init() {}

  package static let table: [Setting<Self>] =
    Setting.cutting + [
      .integer(\.bands, "bands", 4...256, step: 4, "mel bands, the height of the image"),
      .integer(
        \.window, "fft", 32...8192, step: 32, "window length of the Fourier transform, in values"),
      .integer(
        \.hop, "hop", 8...4096, step: 8,
        "hop length: values between the starts of neighbouring windows; the image has 1 + length/hop columns"
      ),
    ]

  package var spectrogram: MelSpectrogram? {
    MelSpectrogram(rate: cutting.rate, window: window, hop: hop, bands: bands)
  }

  package var conflict: SettingConflict? {
    guard window.isMultiple(of: 2) else {
      return SettingConflict(["fft"], "data.fft is \(window); expected an even number")
    }
    guard hop <= window / 2 else {
      return SettingConflict(
        ["hop", "fft"],
        "data.hop is \(hop) and data.fft \(window); expected a hop of at most half of that")
    }
    return nil
  }
}

/// All forms of sound.
package enum SoundForms: Catalog {
  package static let all: [any SoundForm] = [WaveformForm(), LogMelForm()]
  package static func kind(of member: any SoundForm) -> any Kind { member }

  package static let chooser = makeChooser("sound", "what samples of sound are")
  package static let shared: Set<String> = ["rate", "length", "longer", "label", "normalize"]
}

/// A form of sound with its settings.
package typealias SoundConfiguration = Selection<SoundForms>

/// A pattern of file names, of which `{label}` is the class and `*` anything.
package struct SoundLabels: Sendable, Hashable {
  /// The pattern as it is written.
  package let pattern: String
  /// What lies between the stars, and where the class is.
  private let parts: [Part]

  private enum Part: Sendable, Hashable {
    case text(String)
    case anything
    case label
  }

  /// Reads a pattern; one without `{label}` is refused.
  package init(_ pattern: String) throws(SettingError) {
    self.pattern = pattern
    let pieces = pattern.split(separator: "{label}", omittingEmptySubsequences: false)
    guard pieces.count == 2 else {
      throw .because(
        "label is \(Wording.quoted(pattern)); expected a pattern with {label} once, such as "
          + "{label}_*")
    }
    func parts(_ piece: Substring) -> [Part] {
      let texts = piece.split(separator: "*", omittingEmptySubsequences: false)
      return texts.enumerated().flatMap { index, text -> [Part] in
        (index > 0 ? [.anything] : []) + (text.isEmpty ? [] : [.text(String(text))])
      }
    }
    self.parts = parts(pieces[0]) + [.label] + parts(pieces[1])
  }

  /// The class in a file's name without its ending; nil where the pattern does not fit.
  ///
  /// Of several ways to fit, the one with the shortest parts from the left counts.
  package func label(of name: String) -> String? {
    Self.match(parts[...], name[...])?.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The class, nil inside where the parts have none; nil where they do not fit all of a text.
  private static func match(_ parts: ArraySlice<Part>, _ text: Substring) -> String?? {
    guard let part = parts.first else { return text.isEmpty ? .some(nil) : nil }
    let rest = parts.dropFirst()
    if case .text(let expected) = part {
      return text.hasPrefix(expected) ? match(rest, text.dropFirst(expected.count)) : nil
    }
    for end in text.indices + [text.endIndex] {
      guard let found = match(rest, text[end...]) else { continue }
      return part == .label ? .some(String(text[..<end])) : found
    }
    return nil
  }
}
