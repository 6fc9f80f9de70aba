import Diffusion
import Platform
import TUI

/// The score of a network over the plane at one noise level, and the density of the data at that noise.
struct ScoreField: Sendable {
  /// What it is of.
  struct Key: Equatable, Sendable {
    var request: Int
    var frame: Int
    /// Half the side of the square that it covers.
    var reach: Double
  }

  let key: Key
  /// Where ∇log p leads, as the network believes.
  let arrows: [ScatterPlot.Arrow]
  /// Relative densities, row by row from the lowest.
  private let densities: [Double]

  private static let arrowsAcross = 15
  private static let cellsAcross = 48

  /// The field of a model whose samples are points of the plane, told the class `label` or none.
  init(
    _ key: Key, of model: Model, at step: NoiseStep, label: Int?, data: [ScatterPlot.Point]
  ) {
    self.key = key
    let places = Self.lattice(Self.arrowsAcross, key.reach)
    let shape = model.network.sampleShape.with(batch: places.count)
    let x = Tensor(shape, places.flatMap { [Float($0.x), Float($0.y)] })
    let query = Query(x, at: step, condition: Condition(labels: label.map { [$0] } ?? []))
    let noise = model.denoiser().predict(query).epsilon.values
    // The score is −ε̂/σ.
    arrows = places.enumerated().map { index, place in
      let direction = ScatterPlot.Point(-Double(noise[2 * index]), -Double(noise[2 * index + 1]))
      let length = (direction.x * direction.x + direction.y * direction.y).squareRoot()
      return ScatterPlot.Arrow(
        at: place, direction: direction, ink: length < 0.5 ? .faint : length < 1.5 ? .dim : .text)
    }
    densities = Self.densities(step.level, key.reach, data)
  }

  private static func lattice(_ side: Int, _ reach: Double) -> [ScatterPlot.Point] {
    (0..<side * side).map { index in
      func coordinate(_ place: Int) -> Double {
        reach * (2 * (Double(place) + 0.5) / Double(side) - 1)
      }
      return ScatterPlot.Point(coordinate(index % side), coordinate(index / side))
    }
  }

  /// p(x) of x = α·d + σ·ε up to a factor, the highest 1.
  private static func densities(
    _ level: NoiseLevel, _ reach: Double, _ data: [ScatterPlot.Point]
  ) -> [Double] {
    // Narrower than a cell, the data would fall between the places.
    let sigma = max(level.sigma, reach / Double(cellsAcross))
    let scale = 1 / (2 * sigma * sigma)
    let centers = data.prefix(1000).map { (level.alpha * $0.x, level.alpha * $0.y) }
    let sums = lattice(cellsAcross, reach).map { place in
      centers.reduce(0.0) { sum, center in
        let (x, y) = (place.x - center.0, place.y - center.1)
        return sum + exp(-(x * x + y * y) * scale)
      }
    }
    let top = max(sums.max() ?? 0, 1e-300)
    return sums.map { $0 / top }
  }

  /// The relative density near a place, 0 outside the square.
  func density(at point: ScatterPlot.Point) -> Double {
    func place(_ coordinate: Double) -> Int? {
      let share = (coordinate / key.reach + 1) / 2
      return share >= 0 && share < 1 ? Int(share * Double(Self.cellsAcross)) : nil
    }
    guard let column = place(point.x), let row = place(point.y) else { return 0 }
    return densities[row * Self.cellsAcross + column]
  }
}

/// Computing the field of the frame in view, which is asked for with a tick, so that whoever scrubs quickly
/// does not wait for the field of each frame.
extension DenoiseScreen {
  /// The field that is wanted for the frame in view; nil where none is shown or there is no noise.
  private func wantedField(_ session: Session) -> ScoreField.Key? {
    guard session.format?.kind == .points, leftView == .field || rightView == .field,
      let frame, frame.level.sigma > 0
    else { return nil }
    return ScoreField.Key(
      request: requestNumber, frame: frame.index, reach: fieldReach(frame, session))
  }

  /// Whether a field is shown that is not of the frame in view.
  var isFieldStale: Bool {
    guard leftView == .field || rightView == .field, !isComputingField, let frame else {
      return false
    }
    let isOther = field?.key.request != requestNumber || field?.key.frame != frame.index
    return isOther && frame.level.sigma > 0
  }

  /// Has the field computed that is wanted, unless one is being computed.
  mutating func computeField(_ session: Session) -> [Effect] {
    guard !isComputingField, let key = wantedField(session), field?.key != key,
      let model = sampledModel, let step = frame?.step
    else { return [] }
    isComputingField = true
    let label = session.sampling.className.flatMap { model.format.classNames.firstIndex(of: $0) }
    let data = session.dataPoints
    return [
      .compute(screen: Self.title) {
        ScoreField(key, of: model, at: step, label: label, data: data)
      }
    ]
  }

  mutating func take(_ field: ScoreField) {
    isComputingField = false
    self.field = field
  }
}
