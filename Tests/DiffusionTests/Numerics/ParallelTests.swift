import Foundation
import Synchronization
import Testing

@testable import Diffusion

@Suite("Parallel loops", .serialized)
struct ParallelTests {
  private final class Switch: Sendable {
    let isOn = Atomic<Bool>(true)
  }

  /// Runs `body` while another thread changes the number of threads without a pause.
  private func whileThreadsChange(_ body: () -> Void) {
    let (turning, ended) = (Switch(), DispatchSemaphore(value: 0))
    Thread.detachNewThread {
      var threads = 1
      while turning.isOn.load(ordering: .relaxed) {
        threads = threads % 16 + 1
        Parallel.threads = threads
        usleep(5)
      }
      Parallel.threads = availableProcessors()
      ended.signal()
    }
    body()
    turning.isOn.store(false, ordering: .relaxed)
    ended.wait()
  }

  @Test("there are as many workers as were counted, whatever changes meanwhile")
  func workers() {
    whileThreadsChange {
      for _ in 0..<200 {
        let workers = Workers(for: 40)
        let largest = Atomic<Int>(0)
        usleep(20)
        workers.run { _, worker in largest.max(worker, ordering: .relaxed) }
        #expect(largest.load(ordering: .relaxed) < workers.count)
      }
    }
  }

  /// Layers whose workers have scratch memory.
  private static let layers: [LayerCase] = [
    LayerCase("gathers and scatters", Shape(9, 8, 8, 3)) {
      Conv2d(3, 5, kernel: 7, stride: 2, "a", &$0)
    },
    LayerCase("transposed", Shape(9, 4, 4, 3)) { ConvTranspose2d(3, 4, "a", &$0) },
    LayerCase("multiplies", Shape(9, 8, 8, 96)) { Linear(96, 80, "a", &$0) },
    LayerCase("attends", Shape(9, 4, 4, 12)) { _ in Attention(heads: 2) },
  ]

  @Test("a number of threads that changes while layers run changes no bit", arguments: layers)
  func changingThreads(_ layer: LayerCase) {
    var table = ParameterTable()
    let made = layer.make(&table)
    var random = Random(seed: 3)
    let (weights, gradients) = (table.makeBlock(), table.makeTrainableBlock())
    weights.assign(random.normals(table.count))
    let x = Tensor(layer.input, random.normals(layer.input.count))
    func step() -> [Float] {
      // A pass of its own each time: nothing lies behind its buffers that could take too much.
      let pass = Pass(.train, table, weights: weights, gradients: gradients)
      gradients.fill(0)
      let y = made.forward(x, pass)
      return y.values + made.backward(y, pass).values + gradients.values
    }
    let calm = step()
    whileThreadsChange {
      for _ in 0..<100 { #expect(step() == calm) }
    }
  }
}
