import Diffusion
import Platform

/// Two trajectories side by side at the same noise: every level that one of them visits is a place, at
/// which each shows its frame nearest in noise.
struct Lockstep: Sendable {
  /// σ/α of each place, falling: infinite where no signal is left, 0 at x_0.
  let ratios: [Double]
  /// The frame of each trajectory at each place.
  let frames: [[Int]]
  /// The highest and the lowest noise between which the axis is even.
  private let ends: (top: Double, bottom: Double)
  /// The shares of the axis down to the one and from the other on.
  private let stretches: (first: Double, last: Double)

  /// More noise than this leaves nothing else to be seen.
  private static let most = 100.0

  /// Whether the axis is even in the masked share of text, σ of α = 1 − σ.
  private let isOfText: Bool

  /// `trajectories` are σ/α of the frames of each.
  init(_ trajectories: [[Double]], isOfText: Bool = false) {
    self.isOfText = isOfText
    let all = trajectories.joined().sorted(by: >)
    ratios = all.enumerated().filter { index, ratio in
      index == 0 || ratio == 0 && all[index - 1] > 0 || ratio < all[index - 1] * (1 - 1e-6)
    }.map(\.element)
    let finite = ratios.filter { $0.isFinite && $0 > 0 }
    ends = (finite.first { $0 <= Self.most } ?? finite.last ?? 1, finite.last ?? 1)
    stretches = ((ratios.first ?? 0) > ends.top ? 0.04 : 0, 0.06)
    let places = ratios
    frames = trajectories.map { Self.nearest(in: $0, to: places) }
  }

  /// For each ratio the index of the nearest level of a trajectory, the last of several as near.
  private static func nearest(in trajectory: [Double], to ratios: [Double]) -> [Int] {
    guard !trajectory.isEmpty else { return [] }
    var index = 0
    return ratios.map { ratio in
      while index + 1 < trajectory.count {
        let next = distance(trajectory[index + 1], ratio)
        // All finite levels are equally far from pure noise: the first of them stays.
        guard next <= distance(trajectory[index], ratio), next.isFinite || ratio == 0 else { break }
        index += 1
      }
      return index
    }
  }

  /// By factor; equal first, so that two infinities, or two zeros, are no distance apart.
  private static func distance(_ one: Double, _ other: Double) -> Double {
    one == other ? 0 : abs(log(one) - log(other))
  }

  var count: Int { ratios.count }

  /// The place nearest in noise to a ratio.
  func place(nearestTo ratio: Double) -> Int {
    let nearest = ratios.indices.min {
      Self.distance(ratios[$0], ratio) < Self.distance(ratios[$1], ratio)
    }
    return nearest ?? 0
  }

  /// Where a ratio is drawn, from 0 (the highest noise) to 1 (none): even in its logarithm
  /// but for the ends, of text even in the masked share.
  func position(of ratio: Double) -> Double {
    guard !isOfText else { return 1 - SampleMeasures.maskedShare(sigmaOverAlpha: ratio) }
    guard ratio > 0 else { return 1 }
    guard ratio <= ends.top, ends.top > ends.bottom else { return 0 }
    let share = log(ends.top / ratio) / log(ends.top / ends.bottom)
    return stretches.first + min(share, 1) * (1 - stretches.first - stretches.last)
  }

  /// The ratio that is drawn at a position.
  func ratio(at position: Double) -> Double {
    guard !isOfText else { return (1 - position) / max(position, 0) }
    let share = (position - stretches.first) / (1 - stretches.first - stretches.last)
    return share > 1 ? 0 : ends.top * pow(ends.bottom / ends.top, max(share, 0))
  }

  /// The place drawn nearest to a position.
  func place(at position: Double) -> Int {
    let nearest = ratios.indices.min {
      abs(self.position(of: ratios[$0]) - position) < abs(self.position(of: ratios[$1]) - position)
    }
    return nearest ?? 0
  }
}

/// How far two trajectories are apart at each place, as far as that is known.
struct TrajectoryDifference: Sendable {
  struct Point: Sendable, Equatable {
    var place: Int
    /// The root mean square of the difference of x_t, at the size of the data, and of the predicted x_0; of
    /// text the share of positions that differs.
    var x: Double
    var x0: Double
  }

  private(set) var points: [Point] = []
  /// The places to be measured, in order.
  private let places: [Int]
  private var next = 0

  /// More places than that would tell no more than these.
  private static let most = 240

  init(of lockstep: Lockstep) {
    let count = lockstep.count
    places = count > Self.most ? evenPlaces(Self.most, through: count - 1) : Array(0..<count)
  }

  /// Measures what both trajectories have by now.
  mutating func measure(_ recordings: [Recording], _ lockstep: Lockstep) {
    while next < places.count, lockstep.frames.allSatisfy({ !$0.isEmpty }) {
      let place = places[next]
      let frames = zip(recordings, lockstep.frames).map { recording, frames in
        frames[place] < recording.count ? (try? recording.frame(at: frames[place])) : nil
      }
      guard let first = frames[0], let second = frames[1] else { return }
      next += 1
      let pair = FramePair(first: first, second: second)
      guard first.shape.sampleCount == second.shape.sampleCount else { continue }
      points.append(
        Point(
          place: place, x: pair.measures.distance(pair.difference(\.scaledX)),
          x0: pair.measures.distance(pair.difference(\.x0))))
    }
  }

  /// The point at a place, or the one before.
  func point(at place: Int) -> Point? { points.last { $0.place <= place } }
}
