/// How long to train, as a recipe gives it.
public enum TrainingDuration: Sendable, Hashable {
  /// A number of optimiser steps.
  case steps(Int)
  /// A number of passes over the data.
  case epochs(Int)

  /// The number of optimiser steps of `batchSize` samples, enough for the epochs to be whole.
  package func steps(sampleCount: Int, batchSize: Int) -> Int {
    switch self {
    case .steps(let steps): steps
    case .epochs(let epochs): max(1, (epochs * sampleCount + batchSize - 1) / batchSize)
    }
  }
}

extension TrainingConfiguration {
  /// The number of optimiser steps where so many samples are trained on.
  package func steps(sampleCount: Int) -> Int {
    duration.steps(sampleCount: sampleCount, batchSize: batchSize * accumulationSteps)
  }
}
