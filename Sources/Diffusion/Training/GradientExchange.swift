/// Averages gradients over the processes that train a network together.
public protocol GradientExchange {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var size: Int { get }

  /// Replaces the gradients of this process with their mean over all processes.
  func average(_ gradients: Tensor) throws
}

/// One process by itself: nothing is exchanged.
package struct SingleProcess: GradientExchange {
  package let rank = 0
  package let size = 1

  /// Nothing to exchange.
  package init() {}
  package func average(_ gradients: Tensor) {}
}
