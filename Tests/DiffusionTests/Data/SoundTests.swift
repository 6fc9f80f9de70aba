import Foundation
import Testing

@testable import Diffusion

@Suite("Sound files and sets")
struct SoundTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/sounds").path

  private func path(_ name: String) -> String { "\(Self.folder)/\(name)" }

  /// The tone that the files hold.
  private func tone(_ rate: Int) -> [Float] {
    (0..<rate / 20).map { Float(0.8 * sin(2 * .pi * 500 * Double($0) / Double(rate))) }
  }

  private func problem(_ body: () throws -> some Any) -> String {
    do {
      _ = try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  private func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
  }

  private func form(_ change: (inout SoundCutting) -> Void = { _ in }) -> SoundConfiguration {
    var form = WaveformForm()
    form.cutting.length = 400
    form.cutting.normalizes = false
    change(&form.cutting)
    return SoundConfiguration(form)
  }

  @Test(
    "every format and width gives the same tone",
    arguments: [
      ("pcm16.wav", 2e-4), ("pcm24.wav", 1e-6), ("float.wav", 1e-6), ("stereo.wav", 1e-6),
      ("tone.flac", 2e-4), ("tone.ogg", 0.05), ("declares-4gb.wav", 2e-4),
    ])
  func formats(name: String, tolerance: Float) throws {
    let clip = try SoundFile.read(path(name))
    #expect(clip.rate == 8000)
    #expect(clip.values.count == 400)
    #expect(distance(clip.values, tone(8000)) < tolerance)
  }

  @Test("96 kHz become 8 kHz, the same tone but for the ends")
  func rates() throws {
    let data = try DataCatalog.open(path("rate96.wav"), sound: form())
    #expect(data.shape == Shape(1, 1, 400, 1))
    #expect(data.sound == SoundFormat(rate: 8000, length: 400))
    #expect(distance(Array(data[0][40..<360]), Array(tone(8000)[40..<360])) < 2e-3)
  }

  @Test(
    "what is no sound gets a sentence",
    arguments: [
      ("silent.wav", "holds no sound; expected at least one sample"),
      ("nan.wav", "has a value that is not finite at 1; expected finite values"),
      ("damaged.flac", "is damaged"),
    ])
  func damaged(name: String, sentence: String) {
    let found = problem { try DataCatalog.open(path(name), sound: form()) }
    #expect(found.contains(sentence), "\(found)")
    #expect(found.hasPrefix(path(name)))
  }

  @Test("an empty file, and text under the name of sound, get a sentence")
  func nothing() throws {
    try withTemporaryFolder { folder in
      try put([], folder + "/a.wav")
      try put(Array("hello, this is text".utf8), folder + "/b.flac")
      #expect(problem { try SoundFile.read(folder + "/a.wav") }.contains("is empty; expected"))
      #expect(
        problem { try SoundFile.read(folder + "/b.flac") }.contains(
          "is damaged or not a sound file"))
    }
  }

  @Test("short sounds end in silence, long ones are cropped or split, all are brought to 0.95")
  func lengths() throws {
    let long = try DataCatalog.open(path("pcm16.wav"), sound: form { $0.length = 960 })
    #expect(long.count == 1)
    #expect(long[0][400...].allSatisfy { $0 == 0 })
    let short = try DataCatalog.open(path("pcm16.wav"), sound: form { $0.length = 128 })
    #expect(short.count == 1)
    let split = try DataCatalog.open(
      path("pcm16.wav"),
      sound: form {
        $0.length = 128
        $0.longer = .split
        $0.normalizes = true
      })
    #expect(split.count == 3)
    #expect(abs((split[1].max() ?? 0) - 0.95) < 0.01)
    #expect(split[0] == short[0].map { $0 * (split[0][4] / short[0][4]) })
  }

  @Test("classes are sub-folders, or what the pattern finds in names")
  func labels() throws {
    try withTemporaryFolder { folder in
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: path("pcm16.wav"))))
      for name in ["kick", "snare"] {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        try put(bytes, "\(folder)/\(name)/10_x_1.wav")
      }
      try put(bytes, "\(folder)/snare/9_y_2.WAV")
      try put(Array("not sound".utf8), "\(folder)/snare/README.md")
      let folders = try DataCatalog.open(folder, sound: form())
      #expect(folders.classNames == ["kick", "snare"])
      #expect(folders.labels == [0, 1, 1])
      let pattern = try SoundLabels("{label}_*")
      let names = try DataCatalog.open(folder, sound: form { $0.labels = pattern })
      #expect(names.classNames == ["9", "10"])
      #expect(names.labels == [1, 1, 0])
      let other = try SoundLabels("x-{label}")
      #expect(
        problem { try DataCatalog.open(folder, sound: form { $0.labels = other }) }.contains(
          "which the pattern x-{label} does not fit; expected names like that"))
      #expect(try DataCatalog.open(folder + "#kick", sound: form()).count == 1)
    }
  }

  @Test(
    "a pattern finds the class",
    arguments: [
      ("{label}_*", "bd_808", "bd"), ("*_{label}_*", "0_george_12", "george"),
      ("{label}", "kick", "kick"), ("take*-{label}", "take 3-snare", "snare"),
    ])
  func patterns(pattern: String, name: String, label: String) throws {
    #expect(try SoundLabels(pattern).label(of: name) == label)
  }

  @Test("a pattern without a class is refused")
  func noLabel() {
    #expect(throws: SettingError.self) { try SoundLabels("*_a") }
    #expect(throws: SettingError.self) { try SoundLabels("{label}{label}") }
  }

  @Test("an archive gives what a folder gives; a cut or foreign one a sentence")
  func archives() throws {
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path("pcm16.wav"))))
    let archive = tar([("a/1.wav", bytes), ("a/README", [1, 2, 3]), ("b/2.wav", bytes)])
    try withTemporaryFolder { folder in
      try put(archive, folder + "/set.tar")
      let data = try DataCatalog.open(folder + "/set.tar", sound: form())
      #expect(data.count == 2)
      #expect(data.classNames == ["a", "b"])
      #expect(distance(data[1], tone(8000)) < 2e-4)
      try put(Array(archive[..<900]), folder + "/cut.tar")
      #expect(
        problem { try DataCatalog.open(folder + "/cut.tar", sound: form()) }.contains(
          "ends at byte 900 of the archive within a/1.wav"))
      try put(Array(repeating: 7, count: 2000), folder + "/other.tar")
      #expect(
        problem { try DataCatalog.open(folder + "/other.tar", sound: form()) }.contains(
          "is no tar archive (byte 0)"))
      try put(tar([("notes.txt", [65])]), folder + "/text.tar")
      #expect(
        problem { try DataCatalog.open(folder + "/text.tar", sound: form()) }.contains(
          "holds no sound files; expected names ending with wav"))
    }
  }

  private func tar(_ members: [(String, [UInt8])]) -> [UInt8] {
    members.flatMap { name, bytes -> [UInt8] in
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, at place: Int) {
        header.replaceSubrange(place..<place + text.utf8.count, with: Array(text.utf8))
      }
      put(name, at: 0)
      let size = String(bytes.count, radix: 8)
      put(String(repeating: "0", count: 11 - size.count) + size, at: 124)
      put("        ", at: 148)
      put("0", at: 156)
      put("ustar", at: 257)
      let sum = header.reduce(0) { $0 + Int($1) }
      put(String(sum, radix: 8) + "\0", at: 148)
      return header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    } + [UInt8](repeating: 0, count: 1024)
  }

  @Test("115 drums are in the program, each at 0.95, each of a kind")
  func drums() {
    let drums = BuiltInData.drums.make()
    #expect(drums.count == 115)
    #expect(drums.shape == Shape(1, 1, 8064, 1))
    #expect(drums.sound == SoundFormat(rate: 8000, length: 8064))
    #expect((0..<115).allSatisfy { abs((drums[$0].map { abs($0) }.max() ?? 0) - 0.95) < 1e-4 })
    let counts = drums.classNames.indices.map { kind in drums.labels?.count { $0 == kind } ?? 0 }
    #expect(counts.allSatisfy { $0 >= 6 }, "\(counts)")
    #expect(EmbeddedSounds.kinds[EmbeddedSounds.kind(of: "sonic-pi/bd_808.wav")] == "kick")
    #expect(EmbeddedSounds.kinds[EmbeddedSounds.kind(of: "sonic-pi/elec_lo_snare.wav")] == "snare")
  }

  @Test("what is written as WAV is read back, samples a quarter of a second apart")
  func writes() throws {
    try withTemporaryFolder { folder in
      let format = SampleFormat(
        kind: .signal, shape: Shape(1, 1, 400, 1), range: -1...1,
        sound: SoundFormat(rate: 8000, length: 400))
      let loud = tone(8000).map { $0 * 2 }
      let track = try #require(Soundtrack([tone(8000), loud], format))
      try track.write(to: folder + "/two.wav")
      let clip = try SoundFile.read(folder + "/two.wav")
      #expect(clip.rate == 8000)
      #expect(clip.values.count == 400 + 2000 + 400)
      #expect(distance(Array(clip.values[..<400]), tone(8000)) < 1e-4)
      #expect(distance(Array(clip.values[2400...]), loud.map { min(max($0, -1), 1) }) < 1e-4)
    }
  }

  @Test("a recipe keeps the form of its sound, and only recipes of sound have it")
  func recipes() throws {
    var data = DataConfiguration(source: "drums")
    #expect(data.setting("rate") != nil)
    #expect(data.setting("bands") == nil)
    try data.set("sound", to: .text("log-mel"))
    try data.set("bands", to: .integer(16))
    #expect(try data.load().shape == Shape(1, 16, 64, 1))
    let recipe = Recipe(name: "x", data: data)
    #expect(try Recipe(recipe.text, name: "x", path: "x.toml").data == data)
    #expect(DataConfiguration(source: "digits14").setting("sound") == nil)
    data.source = "digits14"
    #expect(data.setting("sound") == nil)
  }
}
