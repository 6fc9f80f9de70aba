/// Whether two numbers agree to `relative` of the larger, or to `absolute`.
func isClose<Number: BinaryFloatingPoint>(
  _ a: Number, _ b: Number, relative: Double = 1e-5, absolute: Double = 0
) -> Bool {
  let (a, b) = (Double(a), Double(b))
  return a == b || abs(a - b) <= max(relative * max(abs(a), abs(b)), absolute)
}

/// Whether two lists are as long and agree number by number.
func isClose<Number: BinaryFloatingPoint>(
  _ a: [Number], _ b: [Number], relative: Double = 1e-5, absolute: Double = 0
) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { isClose($0, $1, relative: relative, absolute: absolute) }
}
