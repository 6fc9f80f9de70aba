import Diffusion

/// Times the core, one JSON line a measurement: see Benchmarks/README.md.
@main
struct Benchmarks {
  static func main() throws {
    var name = ""
    var algorithm: ConvolutionAlgorithm?
    var level = 0
    var check: String?
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      switch argument {
      case "--threads":
        if let count = arguments.next().flatMap({ Int($0) }), count > 0 {
          Parallel.threads = count
        }
      case "--algorithm":
        algorithm = arguments.next().flatMap { ConvolutionAlgorithm(rawValue: $0) }
      case "--level": level = arguments.next().flatMap { Int($0) } ?? 0
      case "--check": check = arguments.next()
      default: name = argument
      }
    }
    let names = NetworkBenchmark.all.map(\.name) + ["machine", "layers", "algorithms"]
    guard name.isEmpty || names.contains(name) else {
      fatalError("\(name): no such case; expected \(names.joined(separator: ", "))")
    }
    if let check {
      try NetworkBenchmark.all.first { $0.name == name }?.writeCheck(to: check)
      return
    }
    try ConvolutionAlgorithm.$forced.withValue(algorithm) {
      try ConvolutionAlgorithm.$level.withValue(level) { try measure(name) }
    }
  }

  private static func measure(_ name: String) throws {
    if name.isEmpty || name == "machine" { try report(MachineMeasurement()) }
    for benchmark in NetworkBenchmark.all where name.isEmpty || benchmark.name == name {
      try benchmark.run(measuringMemory: !name.isEmpty)
    }
    if name.isEmpty || name == "layers" {
      for benchmark in LayerBenchmark.all() { try benchmark.run() }
      for count in [2_097_152, 33_554_432] { try report(OptimizerMeasurement(parameters: count)) }
    }
    if name == "algorithms" {
      for shape in ConvolutionShape.all { AlgorithmBenchmark(convolution: shape).run() }
    }
  }
}
