internal import Platform

/// Work whose speed says what the machine can do at best: the ceilings that layers are measured against.
///
/// The clock is the caller's.
package struct MachineProbe {
  /// Operations or bytes of a run.
  package let amount: Double
  private let buffers: [Tensor]
  private let work: (_ buffers: [Tensor]) -> Void

  /// One product of matrices of 1,024 rows and columns for each worker: 2·1,024³ operations each.
  package static func products(workers count: Int = Parallel.threads) -> MachineProbe {
    let side = 1024
    let inputs = Tensor(Shape(2, side, side, 1))
    inputs.fill(0.5)
    let outputs = Tensor(Shape(count, side, side, 1))
    return MachineProbe(
      amount: 2 * Double(side * side * side * count), buffers: [inputs, outputs]
    ) { buffers in
      let (a, c) = (buffers[0].pointer, buffers[1].pointer)
      parallelTasks(count) { worker in
        BLAS.multiply(
          Matrix(a, stride: side), Matrix(a + side * side, stride: side),
          into: c + worker * side * side, stride: side, m: side, n: side, k: side)
      }
    }
  }

  /// A copy of 128 MiB, far more than caches hold, shared by all workers; bytes read and bytes written
  /// both count.
  package static func copy() -> MachineProbe {
    let count = 32 << 20
    let (from, to) = (Tensor(Shape(1, 1, 1, count)), Tensor(Shape(1, 1, 1, count)))
    from.fill(1)
    to.fill(0)
    return MachineProbe(amount: Double(2 * 4 * count), buffers: [from, to]) { buffers in
      let (from, to) = (buffers[0].pointer, buffers[1].pointer)
      parallelFor(count, grain: 1 << 20) { range in
        memcpy(to + range.lowerBound, from + range.lowerBound, 4 * range.count)
      }
    }
  }

  /// A step of the optimiser: gradient norm, AdamW and the moving average of `count` parameters.
  ///
  /// The amount is bytes read and written.
  package static func optimizer(parameters count: Int) -> MachineProbe {
    var table = ParameterTable()
    _ = table.add("w", [count], .normal(deviation: 0.02))
    let block = ParameterBlock(table)
    var random = Random(seed: 0)
    block.initialize(table, using: &random)
    block.gradients.fill(0.01)
    return MachineProbe(amount: Double(4 * 10 * count), buffers: []) { _ in
      let scale = min(1, 1 / block.gradients.norm)
      Adam().step(
        block, step: 1, learningRate: 1e-3, gradientScale: scale, averageDecay: 0.995,
        clears: false)
    }
  }

  /// Does the work once.
  package func run() { work(buffers) }
}
