internal import Platform

/// The sliced Wasserstein distance of two sets: the root of the mean, over directions, of the squared
/// Wasserstein-2 distance of what both are along the direction.
///
/// Source: Rabin et al. 2012, Bonneel et al. 2015. In the plane the directions are spread evenly over half a
/// turn, elsewhere drawn at random, always the same.
struct SlicedWassersteinDistance: Sendable {
  private let directions: DenseMatrix
  /// The reference along each direction, in rising order.
  private let sorted: [[Double]]

  /// The distance to a set of at least one sample, along so many directions.
  init(to reference: Features, directions count: Int = 64) {
    self.init(to: reference, along: Self.spread(count, dimensions: reference.dimensions))
  }

  /// The distance along given directions, each a row of length 1.
  init(to reference: Features, along directions: DenseMatrix) {
    self.directions = directions
    sorted = Self.places(reference, directions).map { $0.sorted() }
  }

  /// A set along all directions, in rising order, to be weighted again and again.
  struct Sorted: Sendable {
    fileprivate let values: [[Double]]
    fileprivate let order: [[Int]]
  }

  /// The samples along all directions.
  func sort(_ features: Features) -> Sorted {
    let places = Self.places(features, directions)
    let order = places.map { line in line.indices.sorted { line[$0] < line[$1] } }
    return Sorted(
      values: zip(places, order).map { line, order in order.map { line[$0] } }, order: order)
  }

  /// The distance of a set, each sample counting as often as `weights` says, or once.
  func callAsFunction(_ samples: Sorted, weights: [Double]? = nil) -> Double {
    var sum = 0.0
    for line in sorted.indices {
      let own = samples.values[line]
      let order = samples.order[line]
      let total = weights?.reduce(0, +) ?? Double(own.count)
      let share = 1 / Double(sorted[line].count)
      // Both are walked along in steps of the mass that is left of either.
      var (i, j) = (0, 0)
      var mass = (weights?[order[0]] ?? 1) / total
      var room = share
      while true {
        let step = min(mass, room)
        let difference = own[i] - sorted[line][j]
        sum += step * difference * difference
        mass -= step
        room -= step
        // Rounding leaves a little of either; the ends of the lists end the walk.
        if mass <= 1e-15 {
          i += 1
          if i == own.count { break }
          mass = (weights?[order[i]] ?? 1) / total
        }
        if room <= 1e-15 {
          j += 1
          if j == sorted[line].count { break }
          room = share
        }
      }
    }
    return (sum / Double(sorted.count)).squareRoot()
  }

  /// The distance of a set.
  func callAsFunction(_ features: Features) -> Double { self(sort(features)) }

  private static func spread(_ count: Int, dimensions: Int) -> DenseMatrix {
    if dimensions == 2 {
      return DenseMatrix(
        count, 2,
        (0..<count).flatMap { k in
          let angle = Double.pi * (Double(k) + 0.5) / Double(count)
          return [cos(angle), sin(angle)]
        })
    }
    var random = Random(seed: 0)
    return DenseMatrix(
      count, dimensions,
      (0..<count).flatMap { _ -> [Double] in
        let direction = random.normals(dimensions).map { Double($0) }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return direction.map { $0 / max(length, .leastNormalMagnitude) }
      })
  }

  /// Each direction's row of the samples' places along it.
  private static func places(_ features: Features, _ directions: DenseMatrix) -> [[Double]] {
    var all = DenseMatrix(directions.rows, features.count)
    BLAS.multiply(
      directions.values, features.values, into: &all.values, m: directions.rows,
      n: features.count, k: features.dimensions, transposingB: true)
    return (0..<directions.rows).map {
      Array(all.values[$0 * features.count..<($0 + 1) * features.count])
    }
  }
}
