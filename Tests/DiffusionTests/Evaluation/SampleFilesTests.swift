import Platform
import Testing

@testable import Diffusion

@Suite("Samples of other programs")
struct SampleFilesTests {
  private let grey = SampleFormat(kind: .image, shape: Shape(1, 2, 3, 1), range: -1...1)
  private let colour = SampleFormat(kind: .image, shape: Shape(1, 2, 3, 3), range: -1...1)
  private let plane = SampleFormat(kind: .points, shape: Shape(1, 1, 1, 2), range: -1...1)
  private let signal = SampleFormat(kind: .signal, shape: Shape(1, 1, 4, 1), range: -1...1)

  /// An NPY file as numpy.save writes it.
  private func npy(
    _ descr: String, _ shape: String, _ bytes: [UInt8], order: String = "False", version: UInt8 = 1
  ) -> [UInt8] {
    var header = Array("{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }".utf8)
    let start = version == 1 ? 10 : 12
    header += Array(repeating: 0x20, count: (64 - (start + header.count + 1) % 64) % 64) + [0x0A]
    let length = (0..<(version == 1 ? 2 : 4)).map {
      UInt8(truncatingIfNeeded: header.count >> (8 * $0))
    }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + header + bytes
  }

  private func floats(_ values: [Float], bigEndian: Bool = false) -> [UInt8] {
    values.flatMap { value in
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      return bigEndian ? bytes.reversed() : bytes
    }
  }

  private func read(
    _ bytes: [UInt8], named name: String = "a.npy", _ format: SampleFormat
  ) throws -> SampleFiles.Contents {
    try withTemporaryFolder { folder in
      try put(bytes, "\(folder)/\(name)")
      return try SampleFiles.read("\(folder)/\(name)", as: format)
    }
  }

  @Test("arrays of bytes have black at 0 and white at 255")
  func bytes() throws {
    let found = try read(npy("|u1", "(2, 2, 3)", [0, 255, 51, 0, 0, 0, 1, 2, 3, 4, 5, 6]), grey)
    #expect(found.scale == .bytes && found.samples.count == 2)
    #expect(isClose(found.samples[0], [-1, 1, -0.6, -1, -1, -1], absolute: 1e-6))
  }

  @Test("the numbers of floats tell where black and white are")
  func scales() throws {
    func scale(_ values: [Float]) throws -> SampleFiles.Contents {
      try read(npy("<f4", "(1, 2, 3, 1)", floats(values)), grey)
    }
    let symmetric = try scale([-1, 1, 0, 0.5, -0.5, 2])
    #expect(symmetric.scale == .symmetric)
    #expect(isClose(symmetric.samples[0], [-1, 1, 0, 0.5, -0.5, 1], absolute: 1.01 / 255))
    let unit = try scale([0, 1, 0.5, 0, -0.02, 1.1])
    #expect(unit.scale == .unit)
    #expect(isClose(unit.samples[0], [-1, 1, 0, -1, -1, 1], absolute: 1.01 / 255))
    #expect(try scale([0, 255, 3, 4, 5, 6]).scale == .bytes)
  }

  @Test("channels come first or last, points and signals as they are")
  func layouts() throws {
    let values = (0..<18).map { Float($0) / 17 }
    let last = try read(npy("<f4", "(1, 2, 3, 3)", floats(values)), colour).samples[0]
    var first: [Float] = []
    for c in 0..<3 { for place in 0..<6 { first.append(values[place * 3 + c]) } }
    #expect(try read(npy("<f4", "(1, 3, 2, 3)", floats(first)), colour).samples[0] == last)
    let points = try read(npy(">f4", "(2, 2)", floats([7, -8, 9, 10], bigEndian: true)), plane)
    #expect(points.samples[1] == [9, 10] && points.scale == nil)
    let signals = try read(npy("<f4", "(1, 4)", floats([1, 2, 3, 4]), version: 2), signal)
    #expect(signals.samples[0] == [1, 2, 3, 4])
  }

  @Test("a folder has one image a file, grey ones also as colour, and folders of classes")
  func folder() throws {
    try withTemporaryFolder { folder in
      func write(_ bytes: [UInt8], channels: Int, _ name: String) throws {
        try PNG.write(
          Image(width: 3, height: 2, channels: channels, bytes: bytes), to: "\(folder)/\(name)")
      }
      try makeFolder("\(folder)/b")
      try write([0, 1, 2, 3, 4, 255], channels: 1, "a.png")
      try write((0..<6).flatMap { [UInt8($0), UInt8($0), UInt8($0)] }, channels: 3, "b/c.PNG")
      try put("no image", "\(folder)/notes.txt")
      let found = try SampleFiles.read(folder, as: grey).samples
      #expect(found.count == 2 && found[0][5] == 1 && found[1][5] < -0.9)
      try write((0..<18).map { UInt8($0) }, channels: 3, "d.png")
      let error = fileError { try SampleFiles.read(folder, as: grey) }
      #expect(error?.problem == "is a colour image; expected a grey one")
      #expect(error?.path.hasSuffix("/d.png") == true)
    }
  }

  @Test("frames that our own program wrote: the last ones count")
  func frames() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/frames.safetensors"
      try SafeTensors.write(
        [
          .tensor(NamedTensor(name: "x_t", shape: [2, 1, 2], values: [1, 2, 3, 4])),
          .tensor(NamedTensor(name: "timesteps", shape: [2], values: [5, -1])),
        ], to: path)
      #expect(try SampleFiles.read(path, as: plane).samples[0] == [3, 4])
    }
  }

  @Test("what cannot be read gets a sentence")
  func refusals() throws {
    func problem(_ bytes: [UInt8], _ format: SampleFormat, named name: String = "a.npy") -> String {
      fileError { try read(bytes, named: name, format) }?.problem ?? ""
    }
    #expect(
      problem(npy("<f4", "(1, 5)", floats([1, 2, 3, 4, 5])), plane)
        == "has an array of shape [1, 5]; expected (samples, 2) as the data has")
    #expect(problem(npy("<f4", "(2,)", floats([1, 2])), plane).contains("the number of samples"))
    #expect(problem(npy("<f4", "(2, 2)", floats([1, 2])), plane).contains("expected 16"))
    #expect(
      problem(npy("<f4", "(1, 2)", floats([1, 2]), order: "True"), plane).contains("Fortran"))
    #expect(problem(npy("<c8", "(1, 1)", floats([1, 2])), plane).contains("“<c8”"))
    #expect(problem(npy("<f4", "(999999999, 999999999)", []), plane).contains("at most"))
    #expect(problem(npy("<f4", "(-1, 2)", []), plane).contains("without a shape"))
    #expect(problem(Array("hello".utf8), plane).hasPrefix("is not a PNG, NPY or safetensors file"))
    let grid = PNG.encode(
      Image(width: 9, height: 9, channels: 1, bytes: Array(repeating: 0, count: 81)))
    #expect(
      problem(grid, grey, named: "grid.png")
        == "is an image of 9×9, such as a grid of samples; expected one sample of 2×3 per file")
    #expect(problem(grid, plane, named: "grid.png").hasPrefix("has images; expected points"))
    #expect(fileError { try SampleFiles.read("/nowhere", as: grey) }?.kind == .missing)
    try withTemporaryFolder { folder in
      #expect(
        fileError { try SampleFiles.read(folder, as: grey) }?.problem.hasPrefix(
          "is a folder without PNG files") == true)
    }
  }

  private func makeFolder(_ path: String) throws { try Folder.make(path) }
}
