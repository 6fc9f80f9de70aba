/// The 16-bit floats of weight files, whose types Swift has not on every processor.
enum HalfFloats {
  /// An IEEE 754 binary16 as a float, exactly.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      // Zero and subnormals: fraction · 2⁻²⁴, exact in a float.
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F:
      return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default:
      return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest IEEE 754 binary16, the even one of two; infinite from 65520 on.
  static func half(_ value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16 & 0x8000)
    let magnitude = value.magnitude
    let bits = magnitude.bitPattern
    if magnitude.isNaN { return sign | 0x7E00 | UInt16(bits >> 13 & 0x3FF) }
    if magnitude >= 65520 { return sign | 0x7C00 }
    if magnitude < 0x1p-14 {
      // Subnormals are multiples of 2⁻²⁴; rounding up to 1024 of them gives the first normal one.
      return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
    }
    return sign | UInt16(rounded(bits - 112 << 23, dropping: 13))
  }

  /// The first half of a float's bits, bfloat16, as a float, exactly.
  static func float(brain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// The nearest bfloat16, the even one of two; infinite beyond the largest.
  static func brain(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    // A NaN stays one though all of its mark may lie in the half that goes.
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16(rounded(bits, dropping: 16))
  }

  /// `bits` without the last `count`, rounded to nearest, the even one of two.
  private static func rounded(_ bits: UInt32, dropping count: UInt32) -> UInt32 {
    let half = UInt32(1) << (count - 1)
    return (bits + half - 1 + bits >> count & 1) >> count
  }
}
