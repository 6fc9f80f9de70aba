internal import Platform

/// Data sets made of recordings: a file, a folder with its sub-folders, or a tar archive.
enum SoundSet {
  /// A recording and what its file is called in the set, folders included.
  struct Recording {
    let name: String
    let clip: SoundClip
  }

  /// The most values of a set: 2 GiB of floats.
  static let mostValues = 1 << 29
  /// Folders within folders that are looked into.
  private static let mostDepth = 8

  /// The set at a path.
  static func dataset(_ path: String, _ form: any SoundForm) throws(FileError) -> Dataset {
    var maker = SoundSetMaker(path.lastPathComponent, path: path, form)
    if PathKind(path) == .folder {
      let names = files(in: path, depth: mostDepth)
      for name in names {
        try maker.add(name, SoundFile.read("\(path)/\(name)", atMost: maker.seconds))
      }
    } else if TarFile.hasUsualName(path) {
      var archive = try TarFile(path)
      while let member = try archive.next(where: isWanted) {
        try maker.add(
          member.name,
          SoundFile.read(
            member.bytes, path: "\(path): \(Wording.escaped(member.name))", atMost: maker.seconds))
      }
    } else {
      try maker.add(path.lastPathComponent, SoundFile.read(path, atMost: maker.seconds))
    }
    return try maker.finish()
  }

  /// The set of recordings that are in memory.
  static func dataset(
    name: String, _ recordings: [Recording], classNames: [String], labels: [Int],
    _ form: any SoundForm
  ) throws(FileError) -> Dataset {
    var maker = SoundSetMaker(name, path: name, form)
    for recording in recordings { try maker.add(recording.name, recording.clip) }
    return try maker.finish(classNames, labels)
  }

  /// Whether a source is sound: a sound file, an archive, or a folder with sound files.
  static func isSound(_ path: String) -> Bool {
    switch PathKind(path) {
    case .folder: !files(in: path, depth: 2, atMost: 1).isEmpty
    case .other, .nothing: SoundFile.hasUsualName(path) || TarFile.hasUsualName(path)
    }
  }

  /// Whether a member of an archive is taken: as in folders, nothing whose name begins with a dot, such as what
  /// macOS adds to each file.
  private static func isWanted(_ name: String) -> Bool {
    SoundFile.hasUsualName(name)
      && !name.split(separator: "/").contains { $0.hasPrefix(".") && $0 != "." }
  }

  /// The sound files below a folder in the order of their names, as paths from there.
  private static func files(
    in folder: String, depth: Int, atMost most: Int = .max
  ) -> [String] {
    var found: [String] = []
    for name in Folder.names(in: folder).sorted() where !name.hasPrefix(".") {
      guard found.count < most else { break }
      let path = "\(folder)/\(name)"
      if PathKind(path) == .folder {
        guard depth > 0 else { continue }
        found += files(in: path, depth: depth - 1, atMost: most - found.count).map {
          "\(name)/\($0)"
        }
      } else if SoundFile.hasUsualName(name) {
        found.append(name)
      }
    }
    return found
  }
}

/// A set that grows recording by recording.
private struct SoundSetMaker {
  let name: String
  let path: String
  let form: any SoundForm
  private let cutting: SoundCutting
  private var values: [Float] = []
  /// The recording that each sample is from.
  private var origins: [Int] = []
  private var names: [String] = []

  init(_ name: String, path: String, _ form: any SoundForm) {
    (self.name, self.path, self.form, cutting) = (name, path, form, form.cutting)
  }

  /// The numbers of a sample: of the waveform or of its spectrogram, whichever has more.
  private var largestSample: Int {
    max(cutting.length, form.spectrogram.map { $0.bands * (1 + cutting.length / $0.hop) } ?? 0)
  }

  /// How much of a recording is needed, with some room for the resampler; nil for all of it.
  var seconds: Double? {
    cutting.longer == .split ? nil : (Double(cutting.length) + 1024) / Double(cutting.rate)
  }

  mutating func add(_ name: String, _ clip: SoundClip) throws(FileError) {
    let full = path == name ? path : "\(path): \(Wording.escaped(name))"
    var sound = try clip.resampled(to: cutting.rate, path: full).values
    let length = cutting.length
    if cutting.longer != .split { sound = Array(sound.prefix(length)) }
    if cutting.normalizes, let peak = sound.lazy.map({ abs($0) }).max(), peak > 0 {
      for i in sound.indices { sound[i] *= 0.95 / peak }
    }
    // A last piece of less than half a sample would be mostly silence.
    let pieces = cutting.longer == .split ? max(1, (sound.count + length / 2) / length) : 1
    guard (origins.count + pieces) * largestSample <= SoundSet.mostValues else {
      throw FileError(
        path, .tooLarge,
        "has more than \(SoundSet.mostValues) values of sound; expected fewer, or a shorter length or "
          + "a lower rate, or fewer bands and a longer hop")
    }
    for piece in 0..<pieces {
      let part = sound[min(piece * length, sound.count)..<min((piece + 1) * length, sound.count)]
      values += part
      values += repeatElement(0, count: length - part.count)
      origins.append(names.count)
    }
    names.append(name)
  }

  /// The set, with the classes that the files' names show.
  func finish() throws(FileError) -> Dataset {
    guard !names.isEmpty else {
      throw FileError(
        path, .unrecognized,
        "holds no sound files; expected names ending with \(SoundFile.endings.joined(separator: ", "))"
      )
    }
    guard let found = try labels() else { return try finish([], []) }
    // Numbers come first, in their own order: 10 after 9.
    let classNames = Set(found).sorted { a, b in
      (Int(a) ?? .max, a) < (Int(b) ?? .max, b)
    }
    let numbers = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
    return try finish(classNames, found.compactMap { numbers[$0] })
  }

  /// The set with a class for each recording; none where there are no names of classes.
  func finish(_ classNames: [String], _ labels: [Int]) throws(FileError) -> Dataset {
    let ofSamples = classNames.isEmpty ? nil : origins.map { labels[$0] }
    let waves = Dataset(
      name: name, kind: .signal, shape: Shape(1, 1, cutting.length, 1), range: -1...1,
      values: values, labels: ofSamples, classNames: classNames,
      sound: SoundFormat(rate: cutting.rate, length: cutting.length))
    return form.spectrogram.map { waves.spectrograms($0) } ?? waves
  }

  /// The class of each recording, or nil where the set has none.
  private func labels() throws(FileError) -> [String]? {
    if let pattern = cutting.labels {
      var labels: [String] = []
      for name in names {
        let file = name.lastPathComponent
        let base = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        guard let label = pattern.label(of: base) else {
          throw FileError(
            path, .mismatch,
            "has \(Wording.quoted(file)), which the pattern \(pattern.pattern) does not fit; expected "
              + "names like that, or another data.label")
        }
        labels.append(label)
      }
      return labels
    }
    let folders = names.map { name in
      name.split(separator: "/").dropLast().last.map(String.init) ?? ""
    }
    guard Set(folders).count > 1 else { return nil }
    if let loose = names.first(where: { !$0.contains("/") }) {
      throw FileError(
        path, .mismatch,
        "has \(Wording.quoted(loose)) beside sub-folders, which are the classes; expected it in one of them, "
          + "or a pattern in data.label")
    }
    return folders
  }
}
