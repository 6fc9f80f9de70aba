internal import CData

/// 5,000 MNIST digits, 500 of each class, that travel inside the program.
///
/// Source: MNIST by LeCun, Cortes and Burges (credits: NOTICE).
enum EmbeddedDigits {
  /// 28×28 as published, or averaged over 2×2 to 14×14.
  static func dataset(side: Int) throws(FileError) -> Dataset {
    precondition(side == 14 || side == 28, "embedded digits are 14 or 28 wide, not \(side)")
    let name = "digits\(side)"
    return try IDX.dataset(
      name: name,
      images: ByteStream(
        name: "embedded \(name)",
        bytes: bytes(side == 14 ? cdata_mnist14_images : cdata_mnist28_images)),
      labels: ByteStream(name: "embedded labels", bytes: bytes(cdata_mnist_labels)))
  }

  private static func bytes(
    _ blob: (UnsafeMutablePointer<Int>?) -> UnsafePointer<UInt8>?
  ) -> [UInt8] {
    var count = 0
    let start = blob(&count)
    return Array(UnsafeBufferPointer(start: start, count: count))
  }
}
