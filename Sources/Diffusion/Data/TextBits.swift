/// Text as analog bits: each token as its bits, each −1 or 1, the highest first. Samplers draw them as real
/// numbers, whose signs give the tokens.
///
/// Where the vocabulary is not a power of two, some bit patterns belong to no token; the paper leaves open
/// what they mean. Here they are read as ``TextFormat/mask``, shown as `�`.
///
/// Source: Chen, Zhang and Hinton 2022, section 2.2, <https://arxiv.org/abs/2208.04202>.
extension TextFormat {
  /// The same text with other numbers for a position.
  func encoded(as encoding: Encoding) -> TextFormat {
    TextFormat(
      unit: unit, alphabet: alphabet, isLines: isLines, charactersPerSample: charactersPerSample,
      encoding: encoding)
  }

  /// How many numbers a position has: 1, or ⌈log₂ vocabulary⌉ bits, at least one.
  package var channels: Int {
    encoding == .tokens ? 1 : max(1, Int.bitWidth - (vocabulary - 1).leadingZeroBitCount)
  }

  /// The range of these numbers.
  var range: ClosedRange<Float> { encoding == .tokens ? 0...Float(vocabulary) : -1...1 }

  /// Writes the ``channels`` numbers of a token.
  func write(_ token: UInt16, to target: UnsafeMutablePointer<Float>) {
    guard encoding == .bits else {
      target.pointee = Float(token)
      return
    }
    for bit in 0..<channels { target[bit] = token >> (channels - 1 - bit) & 1 == 1 ? 1 : -1 }
  }

  /// The tokens of samples, one for each position.
  ///
  /// Bits are read by their signs; a pattern that belongs to no token gives ``mask``.
  package func tokens(of values: [Float]) -> [Float] {
    guard encoding == .bits else { return values }
    let channels = channels
    return stride(from: 0, to: values.count - channels + 1, by: channels).map { start in
      let code = values[start..<start + channels].reduce(0) { $0 << 1 | ($1 > 0 ? 1 : 0) }
      return Float(min(code, mask))
    }
  }

  /// How far the bits of each position are from changing their sign, from 0 to 1: the smallest |bit|; empty
  /// for tokens.
  package func confidence(of values: [Float]) -> [Float] {
    guard encoding == .bits else { return [] }
    let channels = channels
    return stride(from: 0, to: values.count - channels + 1, by: channels).map { start in
      values[start..<start + channels].reduce(1) { min($0, abs($1)) }
    }
  }
}

extension SampleFormat {
  /// How text is written where it is masked; nil for bits and for anything but text.
  package var maskedText: TextFormat? { text?.encoding == .tokens ? text : nil }
}

extension Dataset {
  /// How text is written where it is masked; nil for bits and for anything but text.
  package var maskedText: TextFormat? { text?.encoding == .tokens ? text : nil }

  /// Text with other numbers for each position; anything else stays as it is.
  package func encoded(as encoding: TextFormat.Encoding) -> Dataset {
    guard let text, case .tokens(let tokens, let starts) = storage else { return self }
    return Dataset(
      name: name, tokens: tokens, starts: starts, length: shape.width, text.encoded(as: encoding))
  }
}
