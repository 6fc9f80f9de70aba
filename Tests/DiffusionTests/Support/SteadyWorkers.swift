@testable import Diffusion

/// Runs `body` with the same number of workers throughout, whatever tests beside it make of
/// `Parallel.threads`: scratch memory is for so many.
func withSteadyWorkers(_ body: () -> Void) {
  Parallel.$ownWorkers.withValue(4, operation: body)
}
