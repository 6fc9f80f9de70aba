internal import CData
internal import CZlib

/// Images that travel inside the program: digits and clothing, 5,000 of each and 500 of each
/// class, and emoji.
///
/// Source: MNIST by LeCun, Cortes and Burges; Fashion-MNIST by Zalando; Noto Emoji by Google
/// (credits: NOTICE).
enum EmbeddedImages {
  /// MNIST digits, 28×28 as published, or averaged over 2×2 to 14×14.
  static func digits(side: Int) -> Dataset {
    precondition(side == 14 || side == 28, "embedded digits are 14 or 28 wide, not \(side)")
    return images(
      "digits\(side)", side, side == 14 ? cdata_mnist14_images : cdata_mnist28_images,
      cdata_mnist_labels, (0..<10).map(String.init))
  }

  /// Fashion-MNIST, averaged over 2×2 to 14×14.
  static func fashion() -> Dataset {
    images(
      "fashion14", 14, cdata_fashion14_images, cdata_fashion_labels,
      [
        "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
        "boot",
      ])
  }

  /// Noto Emoji at 16×16 in colour, in the eight groups of Unicode.
  static func emoji() -> Dataset {
    CIFAR.dataset(
      name: "emoji16", records: content(cdata_emoji16_records), side: 16,
      classNames: [
        "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink",
        "Travel & Places", "Activities", "Objects", "Symbols",
      ])
  }

  typealias Blob = (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?

  /// Grey images and their labels, which are idx files with headers of 16 and of 8 bytes.
  private static func images(
    _ name: String, _ side: Int, _ images: Blob, _ labels: Blob, _ classNames: [String]
  ) -> Dataset {
    Dataset(
      name: name, shape: Shape(1, side, side, 1), bytes: Array(content(images).dropFirst(16)),
      labels: content(labels).dropFirst(8).map(Int.init), classNames: classNames)
  }

  /// A block that was compressed by gzip when the program was made, inflated.
  static func content(_ blob: Blob) -> [UInt8] {
    var count = 0
    let packed = UnsafeBufferPointer(start: blob(&count), count: count)
    // Its last four bytes are the size of the content.
    let size = packed.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    var stream = z_stream()
    stream.next_in = UnsafeMutablePointer(mutating: packed.baseAddress)
    stream.avail_in = UInt32(packed.count)
    let gzipWindow: Int32 = 15 + 16
    inflateInit2_(&stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { inflateEnd(&stream) }
    return [UInt8](unsafeUninitializedCapacity: size) { room, filled in
      stream.next_out = room.baseAddress
      stream.avail_out = UInt32(size)
      let status = inflate(&stream, Z_FINISH)
      precondition(status == Z_STREAM_END, "embedded data do not inflate, status \(status)")
      filled = size
    }
  }
}

extension BuiltInData {
  /// 5,000 MNIST digits, averaged over 2×2 pixels to 14×14 grey, 10 classes.
  public static let digits14 = BuiltInData("digits14", "5,000 MNIST digits, 14×14 grey, 10 classes")
  { EmbeddedImages.digits(side: 14) }
  /// 5,000 MNIST digits, 28×28 grey, 10 classes.
  public static let digits28 = BuiltInData("digits28", "5,000 MNIST digits, 28×28 grey, 10 classes")
  { EmbeddedImages.digits(side: 28) }
  /// 5,000 Fashion-MNIST images, 14×14 grey, 10 classes.
  public static let fashion14 = BuiltInData(
    "fashion14", "5,000 Fashion-MNIST images, 14×14 grey, 10 classes"
  ) { EmbeddedImages.fashion() }
  /// 1,372 Noto Emoji, 16×16 RGB, 8 classes.
  public static let emoji16 = BuiltInData("emoji16", "1,372 emoji, 16×16 RGB, 8 classes") {
    EmbeddedImages.emoji()
  }
}
