internal import Platform

/// A random number generator that draws the same stream as PyTorch on the CPU from the same seed.
///
/// The bits are those of the Mersenne Twister MT19937; ``uniforms(_:)``, ``normals(_:)``,
/// ``integers(below:count:)`` and ``permutation(_:)`` consume them in the order of `torch.rand`,
/// `torch.randn`, `torch.randint` and `torch.randperm`, and agree to about one unit in the last
/// place.
///
/// Source: Matsumoto and Nishimura 1998.
public struct Random: Sendable, Equatable {
  private var words: [UInt32]
  private var position: Int
  /// The second normal of a pair drawn in `Double`, waiting for the next single draw.
  private var waitingNormal: Double?

  private static let size = 624

  /// - Parameter seed: as for `torch.manual_seed`; only the low 32 bits matter.
  public init(seed: UInt64) {
    var word = UInt32(truncatingIfNeeded: seed)
    words = [word]
    for index in 1..<UInt32(Self.size) {
      word = 1_812_433_253 &* (word ^ (word >> 30)) &+ index
      words.append(word)
    }
    position = Self.size
  }

  /// 32 random bits.
  public mutating func next32() -> UInt32 {
    if position == Self.size { refill() }
    var word = words[position]
    position += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    return word ^ (word >> 18)
  }

  private mutating func refill() {
    words.withUnsafeMutableBufferPointer { words in
      let size = Self.size
      for i in 0..<size {
        let mixed = (words[i] & 0x8000_0000) | (words[(i + 1) % size] & 0x7fff_ffff)
        let twist: UInt32 = mixed & 1 == 0 ? 0 : 0x9908_b0df
        words[i] = words[(i + 397) % size] ^ (mixed >> 1) ^ twist
      }
    }
    position = 0
  }

  private mutating func next64() -> UInt64 { UInt64(next32()) << 32 | UInt64(next32()) }

  /// A number in [0, 1), with 24 random bits.
  public mutating func uniform() -> Float { Float(next32() & 0xff_ffff) * 0x1p-24 }

  private mutating func uniformDouble() -> Double {
    Double(next64() & 0x1f_ffff_ffff_ffff) * 0x1p-53
  }

  /// `count` numbers in [0, 1), as `torch.rand`.
  public mutating func uniforms(_ count: Int) -> [Float] { (0..<count).map { _ in uniform() } }

  /// `count` whole numbers in 0..<limit, as `torch.randint`.
  ///
  /// - Precondition: 0 < `limit` < 2^28.
  public mutating func integers(below limit: Int, count: Int) -> [Int] {
    precondition(
      limit > 0 && limit < 1 << 28, "integers(below:) expects 1 to 2^28 − 1, got \(limit)")
    return (0..<count).map { _ in Int(next32()) % limit }
  }

  /// The numbers 0..<count in random order, as `torch.randperm`.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in 0..<max(count - 1, 0) { order.swapAt(i, i + Int(next32()) % (count - i)) }
    return order
  }

  /// `count` standard normal numbers, as `torch.randn`.
  public mutating func normals(_ count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { fillNormal(base, count) }
      initialized = count
    }
  }

  /// Fills a tensor with standard normal numbers, drawn in PyTorch's order (batch, channels, height, width),
  /// so that the same seed gives the same tensor.
  public mutating func fillNormal(_ tensor: Tensor) {
    let shape = tensor.shape
    let positions = shape.height * shape.width
    guard shape.channels > 1, positions > 1 else { return fillNormal(tensor.pointer, tensor.count) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tensor.count) { buffer in
      guard let base = buffer.baseAddress else { return }
      fillNormal(base, tensor.count)
      for sample in 0..<shape.batch {
        let start = sample * shape.sampleCount
        transpose(
          base + start, rows: shape.channels, columns: positions, into: tensor.pointer + start)
      }
    }
  }

  /// PyTorch draws few numbers one by one in `Double`, and 16 or more in blocks of 16 floats.
  mutating func fillNormal(_ out: UnsafeMutablePointer<Float>, _ count: Int) {
    guard count >= 16 else {
      for i in 0..<count { out[i] = Float(singleNormal()) }
      return
    }
    for i in 0..<count { out[i] = uniform() }
    for start in stride(from: 0, through: count - 16, by: 16) { boxMuller(out + start) }
    if count % 16 != 0 {
      // The last 16 are drawn anew, over the end of the last whole block.
      let tail = out + (count - 16)
      for i in 0..<16 { tail[i] = uniform() }
      boxMuller(tail)
    }
  }

  /// Turns 16 uniform numbers into normal ones: pairs (j, j + 8).
  private func boxMuller(_ block: UnsafeMutablePointer<Float>) {
    for j in 0..<8 {
      let radius = (-2 * logf(1 - block[j])).squareRoot()
      let angle = 2 * Float.pi * block[j + 8]
      block[j] = radius * cosf(angle)
      block[j + 8] = radius * sinf(angle)
    }
  }

  private mutating func singleNormal() -> Double {
    if let waiting = waitingNormal {
      waitingNormal = nil
      return waiting
    }
    let angle = 2 * Double.pi * uniformDouble()
    let radius = (-2 * log1p(-uniformDouble())).squareRoot()
    waitingNormal = radius * sin(angle)
    return radius * cos(angle)
  }
}

// MARK: - State

extension Random {
  /// Everything needed to go on with the stream: 624 words, the position, and a waiting normal.
  package var state: [UInt8] {
    var bytes: [UInt8] = []
    func append(_ value: UInt64, _ count: Int) {
      for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) }
    }
    for word in words { append(UInt64(word), 4) }
    append(UInt64(position), 4)
    append(waitingNormal == nil ? 0 : 1, 4)
    append((waitingNormal ?? 0).bitPattern, 8)
    return bytes
  }

  /// The stream that `state` was taken from, or nil if the bytes are no such state.
  package init?(state: [UInt8]) {
    guard state.count == 4 * Self.size + 16 else { return nil }
    func read(_ offset: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(state[offset + $1]) << (8 * $1) }
    }
    words = (0..<Self.size).map { UInt32(read(4 * $0, 4)) }
    let end = 4 * Self.size
    position = Int(read(end, 4))
    guard position <= Self.size else { return nil }
    waitingNormal = read(end + 4, 4) == 0 ? nil : Double(bitPattern: read(end + 8, 8))
  }
}
