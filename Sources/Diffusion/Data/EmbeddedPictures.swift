internal import CData

/// Pictures that travel inside the program: digits and clothing, 5,000 of each and 500 of each
/// class, and emoji.
///
/// Source: MNIST by LeCun, Cortes and Burges; Fashion-MNIST by Zalando; Noto Emoji by Google
/// (credits: NOTICE).
enum EmbeddedPictures {
  /// MNIST digits, 28×28 as published, or averaged over 2×2 to 14×14.
  static func digits(side: Int) throws(FileError) -> Dataset {
    precondition(side == 14 || side == 28, "embedded digits are 14 or 28 wide, not \(side)")
    let name = "digits\(side)"
    return try IDX.dataset(
      name: name,
      images: ByteStream(
        name: "embedded \(name)",
        bytes: bytes(side == 14 ? cdata_mnist14_images : cdata_mnist28_images)),
      labels: ByteStream(name: "embedded labels", bytes: bytes(cdata_mnist_labels)))
  }

  /// Fashion-MNIST, averaged over 2×2 to 14×14.
  static func fashion() throws(FileError) -> Dataset {
    let numbered = try IDX.dataset(
      name: "fashion14",
      images: ByteStream(name: "embedded fashion14", bytes: bytes(cdata_fashion14_images)),
      labels: ByteStream(name: "embedded labels", bytes: bytes(cdata_fashion_labels)))
    return numbered.named(classes: [
      "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
      "boot",
    ])
  }

  /// Noto Emoji at 16×16 in colour, in the eight groups of Unicode.
  static func emoji() throws(FileError) -> Dataset {
    try CIFAR.dataset(
      name: "emoji16",
      ByteStream(name: "embedded emoji16", bytes: bytes(cdata_emoji16_records)),
      classNames: [
        "Smileys & Emotion", "People & Body", "Animals & Nature", "Food & Drink",
        "Travel & Places", "Activities", "Objects", "Symbols",
      ])
  }

  private static func bytes(
    _ blob: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
  ) -> [UInt8] {
    var count = 0
    let start = blob(&count)
    return Array(UnsafeBufferPointer(start: start, count: count))
  }
}

extension BuiltInData {
  public static let digits14 = BuiltInData("digits14", "5,000 MNIST digits, 14×14 grey, 10 classes")
  {
    () throws(FileError) in try EmbeddedPictures.digits(side: 14)
  }
  public static let digits28 = BuiltInData("digits28", "5,000 MNIST digits, 28×28 grey, 10 classes")
  {
    () throws(FileError) in try EmbeddedPictures.digits(side: 28)
  }
  public static let fashion14 = BuiltInData(
    "fashion14", "5,000 pieces of clothing, 14×14 grey, 10 classes"
  ) { () throws(FileError) in try EmbeddedPictures.fashion() }
  public static let emoji16 = BuiltInData("emoji16", "1,372 emoji, 16×16 RGB, 8 classes") {
    () throws(FileError) in try EmbeddedPictures.emoji()
  }
}
