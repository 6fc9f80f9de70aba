internal import CPNG

/// Images as PNG files, through the simplified interface of libpng, which needs no `setjmp`.
public enum PNG {
  /// The most points accepted in a file that is read.
  static let mostPoints = 1 << 26
  /// The most bytes accepted in a file that is read.
  static let mostBytes = 1 << 28

  /// Writes the image to `path`, atomically.
  public static func write(_ image: Image, to path: String) throws(FileError) {
    try AtomicFile.replace(path, with: encode(image))
  }

  /// The image as the bytes of a PNG file, 8 bits a channel.
  package static func encode(_ image: Image) -> [UInt8] {
    var png = png_image()
    png.version = UInt32(PNG_IMAGE_VERSION)
    png.width = UInt32(image.width)
    png.height = UInt32(image.height)
    png.format = image.channels == 1 ? gray : color
    defer { png_image_free(&png) }
    var size = 0
    let isMeasured = png_image_write_to_memory(&png, nil, &size, 0, image.bytes, 0, nil) != 0
    precondition(isMeasured, "libpng refuses an image: \(message(png))")
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let isWritten =
        png_image_write_to_memory(
          &png, buffer.baseAddress, &size, 0, image.bytes, 0, nil) != 0
      precondition(isWritten, "libpng refuses an image: \(message(png))")
      count = size
    }
  }

  /// Whether a file begins as a PNG file.
  static func isPlausible(_ start: some Collection<UInt8>) -> Bool {
    start.starts(with: [0x89, 0x50, 0x4E, 0x47])
  }

  /// The image in a PNG file; grey stays grey, everything else becomes RGB over black.
  public static func read(_ path: String) throws(FileError) -> Image {
    try decode(FileReader(path).bytes(atMost: mostBytes, of: "the image"), name: path)
  }

  static func decode(_ bytes: [UInt8], name: String) throws(FileError) -> Image {
    var png = png_image()
    png.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&png) }
    // libpng keeps the pointer between its two calls.
    return try bytes.withUnsafeBufferPointer { bytes throws(FileError) in
      guard png_image_begin_read_from_memory(&png, bytes.baseAddress, bytes.count) != 0 else {
        throw FileError(name, .unrecognized, "is not a PNG file: \(message(png))")
      }
      let (width, height) = (Int(png.width), Int(png.height))
      guard width * height <= mostPoints else {
        throw FileError(
          name, .tooLarge,
          "is an image of \(width)×\(height); expected at most \(mostPoints) points")
      }
      let isColor = png.format & color != 0
      png.format = isColor ? color : gray
      var points = [UInt8](repeating: 0, count: width * height * (isColor ? 3 : 1))
      var black = png_color(red: 0, green: 0, blue: 0)
      guard png_image_finish_read(&png, &black, &points, 0, nil) != 0 else {
        throw FileError(name, .corrupt, "is a damaged PNG file: \(message(png))")
      }
      return Image(width: width, height: height, channels: isColor ? 3 : 1, bytes: points)
    }
  }

  private static let gray = UInt32(PNG_FORMAT_GRAY)
  private static let color = UInt32(PNG_FORMAT_FLAG_COLOR)

  private static func message(_ png: png_image) -> String {
    withUnsafeBytes(of: png.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
