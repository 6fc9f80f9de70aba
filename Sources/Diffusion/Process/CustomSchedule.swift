internal import Platform

/// A schedule of one's own: log-SNR drawn by a few points, or numbers from a file.
///
/// Between the points, which stand evenly from the first level to the last, log-SNR follows the
/// monotone cubic of Fritsch and Carlson, so it never rises between two that fall.
///
/// Source: Fritsch and Carlson 1980, <https://doi.org/10.1137/0717021>, with the harmonic mean of
/// neighbouring slopes.
package struct CustomSchedule: DrawnSchedule {
  package static let name = "custom"
  package static let meaning = "Your own: points of log-SNR, or numbers from a file."

  /// What the numbers of a file are.
  package enum Numbers: String, RecipeWord {
    /// β of each step.
    case betas
    /// ᾱ of each level.
    case alphaBars = "alpha-bars"
    /// σ/α of each level.
    case sigmas

    package var meaning: String {
      switch self {
      case .betas: "β of each step"
      case .alphaBars: "ᾱ of each level"
      case .sigmas: "σ of each level; the data is not scaled"
      }
    }
  }

  private var levelCount = 1000
  /// ln SNR at even places, falling.
  package var points = [9.0, 4, 0, -4, -9]
  /// The file with the numbers; nil for points of log-SNR.
  package var file: NumbersFile?
  /// What the numbers of the file are.
  package var numbers = Numbers.betas

  package init() {}

  /// The number of levels; that of the file's numbers where there is one.
  package var timesteps: Int {
    get { file?.values.count ?? levelCount }
    set { levelCount = newValue }
  }

  package static let table: [Setting<Self>] = [
    .timesteps,
    .reals(
      \.points, "points", Interval(LogSNRPoints.range), count: LogSNRPoints.counts,
      "log-SNR at evenly spaced levels, from the first to the last"
    ),
    .file(
      \.file, "file",
      "file with numbers to use instead of points, one per level, lowest noise first"),
    .word(\.numbers, "numbers", "what the numbers of the file are"),
  ]

  package var conflict: SettingConflict? {
    guard let file else {
      let falls = zip(points, points.dropFirst()).allSatisfy { $0 > $1 }
      return falls
        ? nil
        : SettingConflict(["points"], "points do not decrease; expected each below the one before")
    }
    let values = file.values
    let problem: String? =
      switch numbers {
      case .betas:
        values.allSatisfy { $0 > 0 && $0 < 1 } ? nil : "betas between 0 and 1"
      case .alphaBars:
        values.allSatisfy { $0 >= 0 && $0 < 1 } && isRising(values.reversed())
          ? nil : "alpha-bars that decrease, from below 1 to 0 or more"
      case .sigmas:
        values.allSatisfy { $0 > 0 } && isRising(values) ? nil : "increasing sigmas above 0"
      }
    return problem.map {
      SettingConflict(["file", "numbers"], "\(Wording.escaped(file.path)): expected \($0)")
    }
  }

  package var givenBetas: [Double]? { numbers == .betas ? file?.values : nil }

  package var logSNRPoints: LogSNRPoints? {
    get { file == nil ? LogSNRPoints(points) : nil }
    set { points = newValue?.values ?? points }
  }

  package mutating func follow(_ schedule: Schedule) {
    guard let along = LogSNRPoints(along: schedule, count: points.count) else { return }
    (file, points, timesteps) = (nil, along.values, schedule.count)
  }

  private func isRising(_ values: [Double]) -> Bool {
    zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
  }

  package func make() -> Schedule {
    guard let file else {
      return Schedule(
        .levels(
          MonotoneCubic(points).values(timesteps).map { logSNR in
            NoiseLevel(
              alpha: sigmoid(logSNR).squareRoot(), sigma: sigmoid(-logSNR).squareRoot())
          }))
    }
    switch numbers {
    case .betas: return Schedule(.betas(file.values))
    case .alphaBars: return Schedule(.alphaBars(file.values))
    case .sigmas: return Schedule(.sigmas(file.values))
    }
  }
}

/// The monotone cubic through points that stand evenly.
struct MonotoneCubic {
  private let points: [Double]
  private let slopes: [Double]

  /// - Precondition: there are two points or more.
  init(_ points: [Double]) {
    precondition(points.count > 1, "a curve goes through two points or more")
    self.points = points
    let rises = zip(points, points.dropFirst()).map { $1 - $0 }
    // The harmonic mean of two slopes of the same sign is at most twice the smaller one.
    let inner = zip(rises, rises.dropFirst()).map { a, b in
      a * b > 0 ? 2 * a * b / (a + b) : 0
    }
    slopes = [rises[0]] + inner + [rises[rises.count - 1]]
  }

  /// So many values, evenly from the first point to the last.
  func values(_ count: Int) -> [Double] {
    (0..<count).map { i in
      let place = Double(i) * Double(points.count - 1) / Double(max(count - 1, 1))
      let k = min(Int(place), points.count - 2)
      let u = place - Double(k)
      let v = 1 - u
      return v * v * (1 + 2 * u) * points[k] + u * v * v * slopes[k]
        + u * u * (3 - 2 * u) * points[k + 1] - u * u * v * slopes[k + 1]
    }
  }
}
