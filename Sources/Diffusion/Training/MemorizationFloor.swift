internal import CKernels
internal import Platform

/// The expected training loss of the ideal denoiser of a data set, estimated round by round.
///
/// The ideal denoiser knows what the network knows: the class where there are classes, but for
/// those that training drops. No network has a lower expected loss on this data, though that of a
/// batch may be; one that comes near reproduces the samples it was trained on. Where the network learns
/// the variance of its steps, it is the floor of the squared error alone: the rest of the hybrid loss,
/// which is small and never below 0, is added to it.
///
/// Source: the optimum of denoising score matching on a finite set, Karras et al. 2022, appendix B.3.
package struct MemorizationFloor: Sendable {
  /// What is known after some rounds.
  package struct Estimate: Sendable, Equatable {
    /// The expected loss over all noise levels that training draws.
    package let loss: Double
    /// The standard error of ``loss``.
    package let standardError: Double
    /// The expected loss by noise level, the lowest noise first; NaN where training draws none.
    package let lossesByLevel: [Double]
    /// The standard error of each.
    package let standardErrorsByLevel: [Double]
    /// How many rounds were taken.
    package let rounds: Int
  }

  /// The samples, class by class where the network is conditioned on classes.
  private let ideal: IdealDenoiser
  /// The places of those of one class.
  private let classes: [Range<Int>]
  /// How often training drops the label.
  private let labelDropout: Double
  /// The levels in groups of neighbours.
  private let groups: [[LevelCost]]
  /// How likely each group is.
  private let shares: [Double]
  private var random: Random
  private var total = Moments()
  private var byLevel: [Moments]

  /// The floor of an objective on a data set, before the first round; nil where there is none, or where the network
  /// enlarges images: a small image says nearly always which sample it is of.
  ///
  /// - Parameters:
  ///   - objective: what the loss is.
  ///   - dataset: what is trained on.
  ///   - schedule: the noise levels of training.
  ///   - groups: into how many parts the schedule's list is cut for the losses by noise level.
  ///   - network: whether it is conditioned on classes.
  ///   - labelDropout: how often training replaces the label by that of any class, where there is one.
  ///   - seed: where the noise starts; it has nothing to do with that of training.
  package init?(
    of objective: any Objective, on dataset: Dataset, along schedule: Schedule, groups: Int,
    for network: Network, labelDropout: Double, seed: UInt64 = 0
  ) {
    guard network.enlargement == 0 else { return nil }
    self.init(
      of: objective, on: dataset, along: schedule, groups: groups, conditioned: network.classes > 0,
      labelDropout: network.nullLabel == nil ? 0 : labelDropout, seed: seed)
  }

  init?(
    of objective: any Objective, on dataset: Dataset, along schedule: Schedule, groups: Int,
    conditioned: Bool = false, labelDropout: Double = 0, seed: UInt64 = 0
  ) {
    let costs = (objective as? any X0Objective)?.costs(along: schedule) ?? []
    guard !costs.isEmpty else { return nil }
    var parts = [[LevelCost]](repeating: [], count: groups)
    for cost in costs {
      parts[Self.group(of: cost.step.timestep, among: groups, schedule.count)].append(cost)
    }
    self.groups = parts
    shares = parts.map { Double($0.count) / Double(costs.count) }
    byLevel = Array(repeating: Moments(), count: groups)
    random = Random(seed: seed)
    if conditioned, let labels = dataset.labels {
      let indices = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
      let starts = indices.indices.filter {
        $0 == 0 || labels[indices[$0 - 1]] != labels[indices[$0]]
      }
      classes = zip(starts, starts.dropFirst() + [indices.count]).map { $0..<$1 }
      ideal = IdealDenoiser(reading: dataset, at: indices)
      self.labelDropout = labelDropout
    } else {
      classes = [0..<dataset.count]
      ideal = IdealDenoiser(reading: dataset)
      self.labelDropout = 0
    }
  }

  /// The part of a schedule's list of `count` levels, cut into `groups`, that a timestep is in.
  package static func group(of timestep: Double, among groups: Int, _ count: Int) -> Int {
    min(groups - 1, max(0, Int(timestep) * groups / max(count, 1)))
  }

  /// Draws a sample, noise and a level of every group, and judges what the ideal denoiser answers.
  ///
  /// It computes on the calling thread alone, so that it can be given as little time as one wants.
  package mutating func refine() {
    let size = ideal.shape.sampleCount
    let drawn = groups.filter { !$0.isEmpty }.map {
      $0[random.integers(below: $0.count, count: 1)[0]]
    }
    let rows = drawRows()
    let chosen = random.integers(below: rows.count, count: drawn.count).map { rows.lowerBound + $0 }
    let (x0, x) = (
      Tensor(ideal.shape.with(batch: drawn.count)), Tensor(ideal.shape.with(batch: drawn.count))
    )
    ideal.copy(chosen, to: x0)
    random.fillNormal(x.pointer, x.count)
    for (place, cost) in drawn.enumerated() where cost.step.level.alpha > 0 {
      // x/α = x_0 + (σ/α)·ε
      let offset = place * size
      ck_combine(
        x.pointer + offset, 1, x0.pointer + offset, Float(cost.step.level.sigmaOverAlpha),
        x.pointer + offset,
        size)
    }
    ideal.average(drawn.map(\.step.level), among: rows, x.pointer)
    var losses = drawn.enumerated().map { place, cost in
      let offset = place * size
      let error = ck_squared_distance(x.pointer + offset, x0.pointer + offset, size) / Double(size)
      return cost.error * error + cost.unavoidable
    }[...]
    var sum = 0.0
    for group in groups.indices where !groups[group].isEmpty {
      let loss = losses.removeFirst()
      byLevel[group].add(loss)
      sum += shares[group] * loss
    }
    // One class a round: its losses depend on each other, those of two rounds do not.
    total.add(sum)
  }

  /// The samples among which the ideal denoiser has to find one: of a class, as likely as it is large,
  /// or all.
  private mutating func drawRows() -> Range<Int> {
    let all = 0..<ideal.shape.batch
    guard classes.count > 1 else { return all }
    let isTold = Double(random.uniform()) >= labelDropout
    let row = random.integers(below: all.count, count: 1)[0]
    return isTold ? classes.first { $0.contains(row) } ?? all : all
  }

  /// What is known so far; nil before the second round.
  package var estimate: Estimate? {
    guard total.count > 1 else { return nil }
    return Estimate(
      loss: total.mean, standardError: total.standardError,
      lossesByLevel: byLevel.map { $0.count > 0 ? $0.mean : .nan },
      standardErrorsByLevel: byLevel.map { $0.count > 0 ? $0.standardError : .nan },
      rounds: total.count)
  }
}

/// The mean and the spread of numbers that come one by one.
///
/// Source: Welford 1962.
private struct Moments: Sendable {
  private(set) var count = 0
  private(set) var mean = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let change = value - mean
    mean += change / Double(count)
    squares += change * (value - mean)
  }

  /// The standard error of the mean.
  var standardError: Double {
    (squares / Double(max(count - 1, 1)) / Double(max(count, 1))).squareRoot()
  }
}
