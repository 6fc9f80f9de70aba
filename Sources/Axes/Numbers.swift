internal import Platform

/// Numbers as text that does not jump: a fixed number of digits, separated thousands, and units.
public enum Numbers {
  /// An integer with separated thousands: `20,000`.
  public static func grouped(_ value: Int) -> String {
    (value < 0 ? "−" : "") + grouped(value.magnitude)
  }

  private static func grouped(_ magnitude: some BinaryInteger) -> String {
    let digits = Array(String(magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A number with exactly `digits` digits after the point: `0.0712`, `−12.5`, `1,024.0`.
  ///
  /// Values that are not finite become `NaN`, `∞` and `−∞`; those of 1e15 and more get an exponent.
  public static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return notFinite(value) }
    let scale = power(ofTen: max(0, digits))
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e15 else { return scientific(value, max(1, digits)) }
    let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
    let sign = value < 0 && scaled > 0 ? "−" : ""
    guard digits > 0 else { return sign + grouped(whole) }
    let fraction = String(part)
    return sign + grouped(whole) + "."
      + String(repeating: "0", count: digits - fraction.count) + fraction
  }

  /// A number with one digit before the point and `digits` after it: `2.0e-3`.
  public static func scientific(_ value: Double, _ digits: Int = 1) -> String {
    guard value.isFinite else { return notFinite(value) }
    guard value != 0 else { return fixed(0, digits) + "e0" }
    var exponent = Int(log10(value.magnitude).rounded(.down))
    var mantissa = scaled(value, byTenTo: -exponent)
    if (mantissa.magnitude * power(ofTen: digits)).rounded() >= 10 * power(ofTen: digits) {
      exponent += 1
      mantissa /= 10
    }
    return fixed(mantissa, digits) + "e\(exponent)"
  }

  /// A number with `significant` digits where that reads well, and an exponent elsewhere.
  ///
  /// From 0.001 up to 100,000 the text has no exponent: `0.0712`, `12.5`, `1,024`.
  public static func compact(_ value: Double, significant: Int = 3) -> String {
    guard value.isFinite else { return notFinite(value) }
    guard value != 0 else { return "0" }
    let magnitude = value.magnitude
    guard magnitude >= 0.000_999_5, magnitude < 99_999.5 else {
      return scientific(value, max(0, significant - 1))
    }
    let exponent = Int(log10(magnitude).rounded(.down))
    return fixed(value, max(0, significant - 1 - exponent))
  }

  /// A number as short as possible: `0.02`, `1e-4`, `12,345`; at most `significant` digits, without trailing
  /// zeros.
  ///
  /// From 0.01 up to a million the text has no exponent.
  public static func short(_ value: Double, significant: Int = 4) -> String {
    guard value.isFinite else { return notFinite(value) }
    guard value != 0 else { return "0" }
    let exponent = Int(log10(value.magnitude).rounded(.down))
    guard exponent < -2 || exponent > 5 else {
      return trimmed(fixed(value, max(0, significant - 1 - exponent)))
    }
    let parts = scientific(value, significant - 1).split(separator: "e")
    return trimmed(String(parts[0])) + "e\(parts[1])"
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    let digits = text.reversed().drop { $0 == "0" }.reversed()
    return String(digits.last == "." ? digits.dropLast() : Array(digits))
  }

  /// A number with an SI prefix before its unit: `1.23 M`, `712 images/s`, `89.9 ms`.
  public static func si(_ value: Double, unit: String = "", significant: Int = 3) -> String {
    guard value.isFinite else {
      return unit.isEmpty ? notFinite(value) : notFinite(value) + " " + unit
    }
    let prefixes = ["p", "n", "µ", "m", "", "k", "M", "G", "T", "P"]
    var index = 4
    var mantissa = value
    while mantissa.magnitude >= 999.5, index < prefixes.count - 1 {
      mantissa /= 1000
      index += 1
    }
    while mantissa.magnitude < 0.9995, mantissa != 0, index > 0 {
      mantissa *= 1000
      index -= 1
    }
    let exponent = mantissa == 0 ? 0 : Int(log10(mantissa.magnitude).rounded(.down))
    let number = fixed(mantissa, max(0, significant - 1 - max(0, exponent)))
    let suffix = prefixes[index] + unit
    return suffix.isEmpty ? number : number + " " + suffix
  }

  /// A number of bytes: `214 MB`, where 1 kB is 1,000 bytes.
  public static func bytes(_ count: Int) -> String {
    count < 1000 ? "\(count) B" : si(Double(count), unit: "B")
  }

  /// A duration as a person would say it: `45 s`, `3 min 05 s`, `2 h 05 min`, `3 d 04 h`.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "–" }
    let whole = Int(max(0, seconds).rounded())
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(twoDigits(whole % 60)) s"
    case ..<86_400: return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
    default: return "\(whole / 86_400) d \(twoDigits(whole % 86_400 / 3600)) h"
    }
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func notFinite(_ value: Double) -> String {
    value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞"
  }

  /// 10 to a whole power from 0 to 18, exactly.
  static func power(ofTen exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<min(18, exponent) { result *= 10 }
    return result
  }

  /// value · 10^exponent.
  package static func scaled(_ value: Double, byTenTo exponent: Int) -> Double {
    exponent < 0 ? value / pow(10, Double(-exponent)) : value * pow(10, Double(exponent))
  }

  /// The logarithm to base 10.
  @usableFromInline package static func logarithm(_ value: Double) -> Double { log10(value) }
  static func powerOfTen(_ exponent: Double) -> Double { pow(10, exponent) }
}
