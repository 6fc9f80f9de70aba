/// A whole number with its thousands separated: 12,345.
func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var result = ""
  for (index, digit) in digits.enumerated() {
    if index > 0 && (digits.count - index) % 3 == 0 { result += "," }
    result.append(digit)
  }
  return number < 0 ? "-" + result : result
}

/// A number with `digits` decimals.
func fixed(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite else { return number.isNaN ? "NaN" : number > 0 ? "∞" : "-∞" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  guard abs(number) < 1e15 / scale else { return "\(number)" }
  let scaled = Int((abs(number) * scale).rounded())
  let whole = scaled / Int(scale)
  let sign = number < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return sign + String(whole) }
  let fraction = String(scaled % Int(scale))
  return sign + "\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// A number as short as it can be read: 0.0200 as 0.02, 1e-04 as 1e-4; four digits at most.
func compact(_ number: Double) -> String {
  guard number.isFinite, number != 0 else { return fixed(number, 0) }
  var exponent = 0
  var mantissa = abs(number)
  while mantissa >= 10 {
    mantissa /= 10
    exponent += 1
  }
  while mantissa < 1 {
    mantissa *= 10
    exponent -= 1
  }
  let sign = number < 0 ? "-" : ""
  if exponent < -2 || exponent > 5 {
    return sign + trimmed(fixed(mantissa, 3)) + "e\(exponent)"
  }
  return sign + trimmed(fixed(abs(number), max(0, 3 - exponent)))
}

private func trimmed(_ text: String) -> String {
  guard text.contains(".") else { return text }
  var text = text
  while text.hasSuffix("0") { text.removeLast() }
  if text.hasSuffix(".") { text.removeLast() }
  return text
}

/// A time span in words: 12 min 40 s.
func spoken(seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "–" }
  let whole = Int(seconds.rounded())
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  if hours > 0 { return "\(hours) h \(minutes) min" }
  if minutes > 0 { return "\(minutes) min \(rest) s" }
  return "\(rest) s"
}
