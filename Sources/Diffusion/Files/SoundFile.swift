internal import CSound
internal import Platform

/// One channel of sound: values in [−1, 1] unless the file holds louder ones.
struct SoundClip: Sendable, Hashable {
  /// The values, evenly spaced in time.
  var values: [Float]
  /// How many of them a second has, in hertz.
  var rate: Int
}

/// Sound files of every format that libsndfile reads: WAV, FLAC, Ogg and others, of any width.
enum SoundFile {
  /// How names of sound files end, in lower case.
  static let endings = [
    "wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "caf", "w64",
  ]
  /// The most channels that are mixed down.
  private static let mostChannels = 64
  /// The rates that are accepted, in hertz.
  private static let rates = 100...768_000
  /// Values decoded at once.
  private static let block = 1 << 16

  /// Whether a file is called as sound files are.
  static func hasUsualName(_ path: String) -> Bool {
    let name = path.lastPathComponent
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
    return endings.contains(name[name.index(after: dot)...].lowercased())
  }

  /// The sound of a file as one channel, the mean of all; at most the first `seconds` of it.
  ///
  /// Only that part is decoded, so that a recording of hours needs no memory for the rest.
  static func read(_ path: String, atMost seconds: Double? = nil) throws(FileError) -> SoundClip {
    let file = try FileReader(path)
    let source = SoundSource(size: file.size) { try? file.read(at: $0, into: $1) }
    return try read(path, source, seconds)
  }

  /// The sound in the bytes of a file that errors call `path`.
  static func read(
    _ bytes: [UInt8], path: String, atMost seconds: Double? = nil
  ) throws(FileError) -> SoundClip {
    try read(path, SoundSource(bytes), seconds)
  }

  private static func read(
    _ path: String, _ source: SoundSource, _ seconds: Double?
  ) throws(FileError) -> SoundClip {
    guard source.size > 0 else { throw FileError(path, .truncated, "is empty; expected sound") }
    let calls = try Libsndfile.loaded(for: path)
    var info = SF_INFO()
    var streams = SoundSource.calls
    let file = calls.sf_open_virtual(
      &streams, Int32(SFM_READ), &info, Unmanaged.passUnretained(source).toOpaque())
    defer { extendLifetime(source) }
    guard let file else {
      let reason = calls.sf_strerror(nil).map { String(cString: $0) } ?? "unknown"
      throw FileError(
        path, .unrecognized, "is damaged or not a sound file: \(SoundFile.sentence(reason))")
    }
    defer { _ = calls.sf_close(file) }
    let (rate, channels) = (Int(info.samplerate), Int(info.channels))
    guard rates.contains(rate), (1...mostChannels).contains(channels) else {
      throw FileError(
        path, .unsupported,
        "has \(channels) channels at \(rate) Hz; expected 1 to \(mostChannels) at "
          + "\(rates.lowerBound) to \(rates.upperBound) Hz")
    }
    let most = seconds.map { Int(min(($0 * Double(rate)).rounded(.up), 1e12)) } ?? Int.max
    var values: [Float] = []
    let frames = block / channels
    var buffer = [Float](repeating: 0, count: frames * channels)
    while values.count < most {
      let wanted = min(frames, most - values.count)
      let got = Int(calls.sf_readf_float(file, &buffer, sf_count_t(wanted)))
      let place = values.count
      for frame in 0..<got {
        var sum: Float = 0
        for channel in 0..<channels { sum += buffer[frame * channels + channel] }
        values.append(sum / Float(channels))
      }
      if let bad = values[place...].firstIndex(where: { !$0.isFinite }) {
        throw FileError(
          path, .malformed, "has a value that is not finite at \(bad); expected finite values")
      }
      guard got == wanted else { break }
    }
    guard calls.sf_error(file) == 0 else {
      let reason = calls.sf_strerror(file).map { String(cString: $0) } ?? "unknown"
      throw FileError(
        path, .corrupt, "is damaged after sample \(values.count): \(SoundFile.sentence(reason))")
    }
    guard !values.isEmpty else {
      throw FileError(path, .truncated, "holds no sound; expected at least one sample")
    }
    return SoundClip(values: values, rate: rate)
  }

  /// Writes one channel as WAV with 16 bits a sample; what lies outside [−1, 1] is cut off.
  static func write(
    _ values: [Float], rate: Int, to path: String
  ) throws(FileError) {
    let calls = try Libsndfile.loaded(for: path)
    let target = SoundSource([])
    var info = SF_INFO()
    (info.samplerate, info.channels) = (Int32(rate), 1)
    info.format = Int32(SF_FORMAT_WAV | SF_FORMAT_PCM_16)
    var streams = SoundSource.calls
    let file = calls.sf_open_virtual(
      &streams, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(target).toOpaque())
    defer { extendLifetime(target) }
    let cut = values.map { $0.isFinite ? min(max($0, -1), 1) : 0 }
    let written = file.map { Int(calls.sf_writef_float($0, cut, sf_count_t(cut.count))) }
    // Closing writes the header, and frees the file however its writing went.
    guard file.map({ calls.sf_close($0) }) == 0, written == cut.count else {
      throw FileError(path, .unwritable, "cannot be written as WAV at \(rate) Hz")
    }
    try AtomicFile.replace(path, with: target.bytes)
  }

  /// The library's words as the rest of a sentence.
  private static func sentence(_ reason: String) -> String {
    let start = reason.hasPrefix("Error : ") ? reason.dropFirst(8) : reason[...]
    let words = start.hasSuffix(".") ? start.dropLast() : start
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}

/// libsndfile, loaded when the first sound is read or written.
private enum Libsndfile {
  private static let library: Result<sound_calls, FileError> = {
    var calls = sound_calls()
    guard let reason = sound_calls_load(&calls) else { return .success(calls) }
    return .failure(
      FileError(
        "libsndfile", .missing,
        "cannot be loaded, but is needed for sound files: \(String(cString: reason)); install "
          + "libsndfile1"))
  }()

  /// Its functions, or why a file cannot be read or written.
  static func loaded(for path: String) throws(FileError) -> sound_calls {
    do { return try library.get() } catch {
      throw FileError(path, error.kind, "\(error)")
    }
  }
}

/// Where libsndfile reads its bytes, or writes them.
private final class SoundSource {
  let size: Int
  private(set) var bytes: [UInt8]
  private var place = 0
  private let readAt: ((Int, UnsafeMutableRawBufferPointer) -> Int?)?

  /// What `read` reads from a place on, nil where that fails.
  init(size: Int, read: @escaping (Int, UnsafeMutableRawBufferPointer) -> Int?) {
    (self.size, bytes, readAt) = (size, [], read)
  }

  /// Bytes in memory, which writing extends.
  init(_ bytes: [UInt8]) { (size, self.bytes, readAt) = (bytes.count, bytes, nil) }

  private var end: Int { readAt == nil ? bytes.count : size }

  private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let got: Int
    if let readAt {
      got = readAt(place, buffer) ?? 0
    } else {
      got = max(0, min(buffer.count, bytes.count - place))
      bytes.withUnsafeBytes { bytes in
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + got]))
      }
    }
    place += got
    return got
  }

  private func write(_ buffer: UnsafeRawBufferPointer) -> Int {
    let last = place + buffer.count
    if last > bytes.count { bytes += repeatElement(0, count: last - bytes.count) }
    bytes.replaceSubrange(place..<last, with: buffer)
    place = last
    return buffer.count
  }

  private func seek(_ offset: Int, _ whence: Int32) -> Int {
    let base =
      switch whence {
      case SEEK_CUR: place
      case SEEK_END: end
      default: 0
      }
    place = min(max(base + offset, 0), end)
    return place
  }

  private static func from(_ pointer: UnsafeMutableRawPointer?) -> SoundSource {
    guard let pointer else { preconditionFailure("libsndfile lost its stream") }
    return Unmanaged.fromOpaque(pointer).takeUnretainedValue()
  }

  /// The calls by which libsndfile reaches it.
  static var calls: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(SoundSource.from($0).end) },
      seek: { sf_count_t(SoundSource.from($2).seek(Int($0), $1)) },
      read: { buffer, count, stream in
        sf_count_t(
          SoundSource.from(stream).read(
            UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))))
      },
      write: { buffer, count, stream in
        sf_count_t(
          SoundSource.from(stream).write(UnsafeRawBufferPointer(start: buffer, count: Int(count))))
      },
      tell: { sf_count_t(SoundSource.from($0).place) })
  }
}

// MARK: - Rates

extension SoundClip {
  /// The same sound at another rate, band-limited.
  ///
  /// Source: libsamplerate's best sinc interpolator, after Smith, <https://ccrma.stanford.edu/~jos/resample/>.
  func resampled(to rate: Int, path: String) throws(FileError) -> SoundClip {
    guard rate != self.rate, !values.isEmpty else { return self }
    let calls: rate_calls
    do { calls = try Self.libsamplerate.get() } catch {
      throw FileError(path, error.kind, "has \(self.rate) Hz, not \(rate); \(error)")
    }
    let ratio = Double(rate) / Double(self.rate)
    let count = max(1, Int((Double(values.count) * ratio).rounded()))
    // The converter ends a few values early or late.
    var result = [Float](repeating: 0, count: count + 64)
    let code = values.withUnsafeBufferPointer { input in
      result.withUnsafeMutableBufferPointer { output in
        var data = SRC_DATA()
        (data.data_in, data.input_frames) = (input.baseAddress, input.count)
        (data.data_out, data.output_frames) = (output.baseAddress, output.count)
        data.src_ratio = ratio
        return calls.src_simple(&data, Int32(SRC_SINC_BEST_QUALITY), 1)
      }
    }
    guard code == 0 else {
      let reason = calls.src_strerror(code).map { String(cString: $0) } ?? "unknown"
      throw FileError(
        path, .unsupported, "cannot be brought from \(self.rate) to \(rate) Hz: \(reason)")
    }
    result.removeLast(result.count - count)
    return SoundClip(values: result, rate: rate)
  }

  /// libsamplerate, loaded when the first sound has another rate.
  private static let libsamplerate: Result<rate_calls, FileError> = {
    var calls = rate_calls()
    guard let reason = rate_calls_load(&calls) else { return .success(calls) }
    return .failure(
      FileError(
        "libsamplerate", .missing,
        "cannot be loaded: \(String(cString: reason)); install libsamplerate0"))
  }()
}
