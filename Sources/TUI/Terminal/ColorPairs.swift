/// The numbers of the pairs of foreground and background colours that are on the screen.
///
/// ncurses can number pairs too, but then reuses the oldest even while it is on screen. Here a pair
/// keeps its number until the table is full and it is in no cell; once half the table is taken,
/// 24-bit colours that differ little share a number.
struct ColorPairs {
  /// Colour numbers as the terminal counts them; −1 is its own colour.
  struct Pair: Hashable {
    var foreground: Int32
    var background: Int32
  }

  /// What to do with a pair.
  enum Assignment: Equatable {
    /// It has this number already.
    case known(Int32)
    /// It gets this number, with the colours of `pair`, which may have been rounded.
    case new(Int32, pair: Pair)
    /// All numbers are taken: call `reclaim` and ask again.
    case full
  }

  /// Pairs are numbered 1 … `capacity`; 0 is the terminal's own pair.
  let capacity: Int
  private var numbers: [Pair: Int32] = [:]
  /// By their numbers, as far as numbers were given.
  private var pairs: [Pair?] = [nil]
  private var free: [Int32] = []
  private var next: Int32 = 1

  /// More numbers than this are of no use, and ncurses fails above 65,536.
  static let limit = 60_000

  init(capacity: Int) {
    self.capacity = max(0, min(capacity, Self.limit))
  }

  /// How many numbers are taken.
  var count: Int { numbers.count }

  mutating func number(for pair: Pair) -> Assignment {
    if pair.foreground == -1 && pair.background == -1 { return .known(0) }
    if let number = numbers[pair] { return .known(number) }
    var wanted = pair
    if count * 2 >= capacity {
      wanted = Pair(
        foreground: Self.rounded(pair.foreground), background: Self.rounded(pair.background))
      if let number = numbers[wanted] { return .known(number) }
    }
    let number: Int32
    if let last = free.popLast() {
      number = last
    } else if next <= capacity {
      number = next
      next += 1
      pairs.append(nil)
    } else {
      return .full
    }
    numbers[wanted] = number
    pairs[Int(number)] = wanted
    return .new(number, pair: wanted)
  }

  /// Frees the numbers that are not in use; returns whether there were any.
  mutating func reclaim(keeping used: some Sequence<Int32>) -> Bool {
    var isUsed = Array(repeating: false, count: pairs.count)
    for number in used { isUsed[Int(number)] = true }
    for number in stride(from: pairs.count - 1, to: 0, by: -1) where !isUsed[number] {
      guard let pair = pairs[number] else { continue }
      numbers[pair] = nil
      pairs[number] = nil
      free.append(Int32(number))
    }
    return !free.isEmpty
  }

  /// The number of some pair that resembles `pair`, for a screen with more pairs than numbers.
  func resembling(_ pair: Pair) -> Int32 {
    var best: Int32 = 0
    var least = Int.max
    for number in 1..<max(1, Int(next)) {
      guard let candidate = pairs[number] else { continue }
      let distance =
        Self.distance(candidate.foreground, pair.foreground)
        + Self.distance(candidate.background, pair.background)
      if distance < least {
        least = distance
        best = Int32(number)
      }
    }
    return best
  }

  /// 5 bits of red, 6 of green and 5 of blue, the lower ones filled so that white stays white.
  static func rounded(_ color: Int32) -> Int32 {
    guard (256..<Int32(TerminfoEntry.firstOwnColor)).contains(color) else { return color }
    let (red, green, blue) = (color >> 19 & 31, color >> 10 & 63, color >> 3 & 31)
    return (red << 3 | red >> 2) << 16 | (green << 2 | green >> 4) << 8 | (blue << 3 | blue >> 2)
  }

  private static func distance(_ left: Int32, _ right: Int32) -> Int {
    if left == right { return 0 }
    let whole = Int32(0)..<Int32(TerminfoEntry.firstOwnColor)
    guard whole.contains(left), whole.contains(right) else { return 1 << 20 }
    return [16, 8, 0].reduce(0) { sum, shift in
      let difference = Int(left >> Int32(shift) & 255) - Int(right >> Int32(shift) & 255)
      return sum + difference * difference
    }
  }
}
