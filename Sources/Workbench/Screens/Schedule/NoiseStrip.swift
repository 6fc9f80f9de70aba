import Diffusion

/// The data under a schedule's noise: always the same samples and the same ε, so that only the
/// schedule changes what one sees.
struct NoiseStrip {
  let dataset: Dataset
  let schedule: Schedule
  /// The number of the sample that is shown.
  let example = 0

  /// What decides how a strip looks.
  struct Key: Equatable {
    /// Whose data it is.
    var session: Int
    var schedule: ScheduleConfiguration
    var columns: Int
  }

  init(_ dataset: Dataset, _ schedule: Schedule) {
    self.dataset = dataset
    self.schedule = schedule
  }

  /// `count` timesteps from the first to the last, evenly spaced.
  func places(_ count: Int) -> [Int] { evenPlaces(count, through: schedule.count - 1) }

  /// x_t = α·x_0 + σ·ε of a sample, or a text of which a part is masked.
  func noised(_ index: Int, at timestep: Int) -> [Float] {
    if let text = dataset.maskedText { return masked(index, at: timestep, text) }
    let x0 = dataset.sample(at: index)
    var random = Random(seed: UInt64(index))
    let epsilon = random.normals(x0.count)
    let level = schedule[timestep]
    // Shown at the data's size, as networks see it, where variance grows without bound.
    let scale = 1 / (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot()
    let (alpha, sigma) = (Float(level.alpha * scale), Float(level.sigma * scale))
    return zip(x0, epsilon).map { alpha * $0 + sigma * $1 }
  }

  /// A text with the share of its positions masked that the level says, more and more of the same ones.
  private func masked(_ index: Int, at timestep: Int, _ text: TextFormat) -> [Float] {
    var random = Random(seed: UInt64(index))
    let x0 = dataset.sample(at: index)
    let share = Float(schedule[timestep].sigma)
    return zip(x0, random.uniforms(x0.count)).map { $1 < share ? Float(text.mask) : $0 }
  }

  /// Clean samples and the noise of each, one after another: the example, or up to 400 points of the plane.
  struct Parts {
    let x0: [Float]
    let epsilon: [Float]
    let count: Int
  }

  var parts: Parts {
    let indices = dataset.kind == .points ? Array(0..<min(dataset.count, 400)) : [example]
    return Parts(
      x0: indices.flatMap { dataset.sample(at: $0) },
      epsilon: indices.flatMap { index in
        var random = Random(seed: UInt64(index))
        return random.normals(dataset.shape.sampleCount)
      }, count: indices.count)
  }

  /// Up to 400 points of the plane at a timestep, one after another.
  func noisedPoints(at timestep: Int) -> [Float] {
    (0..<min(dataset.count, 400)).flatMap { noised($0, at: timestep).prefix(2) }
  }
}
