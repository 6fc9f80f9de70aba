internal import CData

/// Sound that travels inside the program: drums and percussion of Sonic Pi.
///
/// Source: the CC0 samples of Sonic Pi (credits: NOTICE), brought to 8 kHz, one channel, 16 bits.
enum EmbeddedSounds {
  /// The kinds of drums, in the order of their labels.
  static let kinds = [
    "kick", "snare", "cymbal", "tom", "tabla", "bass", "percussion", "electronic",
  ]

  /// 115 drums in the form that a recipe asks for.
  static func drums(_ form: any SoundForm) throws(FileError) -> Dataset {
    let members = drumFiles
    return try SoundSet.dataset(
      name: "drums", members.map { SoundSet.Recording(name: $0.name, clip: clip($0.bytes)) },
      classNames: kinds, labels: members.map { kind(of: $0.name) }, form)
  }

  /// The kind that a file's name says: `bd_808.wav` is a kick.
  static func kind(of name: String) -> Int {
    let words = name.lastPathComponent.dropLast(4).split(separator: "_").map(String.init)
    func has(_ any: String...) -> Bool { any.contains { words.contains($0) } }
    let kind =
      if has("kick", "bd") || words.starts(with: ["drum", "bass"]) {
        "kick"
      } else if has("snare", "sn") {
        "snare"
      } else if has("cymbal", "splash") {
        "cymbal"
      } else if has("tom") {
        "tom"
      } else if has("tabla") {
        "tabla"
      } else if words.first == "bass" {
        "bass"
      } else if has("perc", "cowbell", "roll", "bell", "wood", "triangle") {
        "percussion"
      } else {
        "electronic"
      }
    return kinds.firstIndex(of: kind) ?? kinds.count - 1
  }

  /// The files of the archive.
  private static var drumFiles: [TarFile.Member] {
    var archive = TarFile(EmbeddedImages.content(cdata_drums_archive), name: "drums")
    var members: [TarFile.Member] = []
    do {
      while let member = try archive.next(where: { $0.hasSuffix(".wav") }) {
        members.append(member)
      }
    } catch {
      preconditionFailure("the embedded archive cannot be read: \(error)")
    }
    return members
  }

  /// Their WAV files have headers of 44 bytes, then 16 bits a value.
  private static func clip(_ bytes: [UInt8]) -> SoundClip {
    let values = stride(from: 44, to: bytes.count - 1, by: 2).map { place in
      Float(Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)) / 32_768
    }
    return SoundClip(values: values, rate: 8000)
  }
}

extension BuiltInData {
  /// 115 drums of a second at 8 kHz, in kinds.
  public static let drums = BuiltInData(
    "drums", "115 drum and percussion sounds, 1 s at 8 kHz, \(EmbeddedSounds.kinds.count) kinds",
    sound: EmbeddedSounds.drums)
}
