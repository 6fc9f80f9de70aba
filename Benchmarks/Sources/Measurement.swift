import Diffusion
import FoundationEssentials

/// Milliseconds of one body of work.
struct Milliseconds: Encodable {
  /// The shortest run, on the clock.
  let min: Double
  /// The run in the middle, on the clock.
  let median: Double
  /// The least time of all processors together: what other programs take does not count.
  let processor: Double
}

/// What is printed of a network: the same keys as Benchmarks/pytorch.py prints.
struct NetworkMeasurement: Encodable {
  let name: String
  let side = "workbench"
  let parameters: Int
  let batch: Int
  let trainStep: Milliseconds
  let forward16: Milliseconds
  let forward1: Milliseconds
  /// Billions of multiplications and additions by weights in a step.
  let gigaflop: Double
  /// Page faults of a steady step.
  let pageFaults: Double
  /// What training added to the process's largest resident memory; nil after another case.
  let trainingBytes: Int?
}

/// What is printed of a single layer.
struct LayerMeasurement: Encodable {
  let name: String
  let side = "workbench"
  let layer: LayerBenchmark.Description
  let forward: Milliseconds
  /// Forward, then both gradients.
  let both: Milliseconds
  /// Billions of multiplications and additions of the forward pass.
  let gigaflop: Double
}

/// What is printed of a step of the optimiser.
struct OptimizerMeasurement: Encodable {
  let name: String
  let side = "workbench"
  let layer: LayerBenchmark.Description
  let optimizer: Milliseconds

  /// Clipping by the norm, AdamW and the moving average of so many parameters.
  init(parameters count: Int) {
    name = "clipping, AdamW and average of \(count) parameters"
    layer = LayerBenchmark.Description(kind: "optimizer", input: [], number: count, stride: 1)
    optimizer = Timing(filling: 0.3, of: MachineProbe.optimizer(parameters: count).run).milliseconds
  }
}

/// What the machine can do at best.
struct MachineMeasurement: Encodable {
  /// The kernels that OpenBLAS chose.
  let kernels = BLAS.kernelName
  let threads = Parallel.threads
  /// Billions of multiplications and additions a second in matrix products.
  let gigaflops = speed(of: .products())
  /// Billions of bytes a second, read and written by copies.
  let gigabytes = speed(of: .copy())

  private static func speed(of probe: MachineProbe) -> Double {
    probe.amount / Timing(of: probe.run).milliseconds.min * 1e-6
  }
}

/// Prints a value as one line of JSON.
func report(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
