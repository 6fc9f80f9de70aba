import Testing

@testable import Diffusion

@Suite("PNG and image grid")
struct PNGTests {
  @Test("Grey and RGB images written are read again exactly", arguments: [1, 3])
  func roundTrip(channels: Int) throws {
    let image = Image(
      width: 5, height: 3, channels: channels,
      bytes: (0..<15 * channels).map { UInt8(truncatingIfNeeded: $0 * 37) })
    try withTemporaryFolder { folder in
      let path = "\(folder)/grid.png"
      try PNG.write(image, to: path)
      #expect(try PNG.read(path) == image)
      #expect(try bytes(of: path).starts(with: Array("\u{89}PNG".utf8).dropFirst()))
    }
  }

  @Test("A damaged PNG file is refused with a sentence")
  func damaged() throws {
    let whole = PNG.encode(
      Image(width: 9, height: 9, channels: 1, bytes: (0..<81).map { UInt8($0 * 3) }))
    #expect(fileError { try PNG.decode([], name: "x") }?.kind == .unrecognized)
    #expect(fileError { try PNG.decode([1, 2, 3], name: "x") }?.kind == .unrecognized)
    #expect(fileError { try PNG.decode(Array(whole.prefix(70)), name: "x") } != nil)
    // A header (with its checksum) that declares 65535×65535 points.
    let bomb: [UInt8] = [
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0,
      0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 8, 0, 0, 0, 0,
    ]
    let crc = Self.crc(bomb.dropFirst(12))
    let tail: [UInt8] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: crc >> $0) }
    let idat: [UInt8] = [0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54, 0x35, 0xAF, 0x06, 0x1E]
    #expect(fileError { try PNG.decode(bomb + tail + idat, name: "x") }?.kind == .tooLarge)
  }

  private static func crc(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  @Test("The ends of the range become 0 and 255, what lies outside is clipped")
  func levels() {
    let image = Image(
      sample: [-1, 1, 0, -9, .infinity, .nan], shape: Shape(1, 2, 3, 1), range: -1...1)
    #expect(image.bytes == [0, 255, 128, 0, 255, 0])
    #expect(image.width == 3 && image.height == 2)
  }

  @Test("Of four channels the first three are shown, of two the first")
  func otherChannels() {
    let four = Image(
      sample: [-1, 1, -1, 0, 1, -1, 1, 0], shape: Shape(1, 1, 2, 4), range: -1...1)
    #expect(four.channels == 3 && four.bytes == [0, 255, 0, 255, 0, 255])
    let two = Image(sample: [-1, 0, 1, 0], shape: Shape(1, 1, 2, 2), range: -1...1)
    #expect(two.channels == 1 && two.bytes == [0, 255])
  }

  @Test("A byte of a data set becomes the same byte of an image")
  func bytesSurvive() {
    let all = (0...255).map { UInt8($0) }
    let set = Dataset(name: "all", shape: Shape(1, 16, 16, 1), bytes: all)
    #expect(Image(sample: set[0], shape: set.shape, range: set.range).bytes == all)
  }

  @Test("Images are laid out in rows with gaps, each point enlarged")
  func grid() {
    let images = [1, 2, 3].map {
      Image(width: 2, height: 1, channels: 1, bytes: [$0, $0 + 10])
    }
    let grid = ImageTiling(gap: 1, enlargement: 1, background: 9).image(of: images)
    #expect(grid.width == 7 && grid.height == 5)
    #expect(
      grid.bytes == [
        9, 9, 9, 9, 9, 9, 9,
        9, 1, 11, 9, 2, 12, 9,
        9, 9, 9, 9, 9, 9, 9,
        9, 3, 13, 9, 9, 9, 9,
        9, 9, 9, 9, 9, 9, 9,
      ])
    let large = ImageTiling(columns: 3, gap: 0, enlargement: 2).image(of: images)
    #expect(large.width == 12 && large.height == 2)
    #expect(large.bytes.prefix(12) == [1, 1, 11, 11, 2, 2, 12, 12, 3, 3, 13, 13])
    #expect(large.bytes.prefix(12) == large.bytes.suffix(12))
  }
}
