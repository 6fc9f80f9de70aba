import Diffusion

/// Times the core: `Benchmarks [CASE | layers] [--threads N] [--algorithm NAME] [--level 1|3|4]`, one JSON
/// line a case, best of several runs.
@main
struct Benchmarks {
  static func main() throws {
    var filter = ""
    var algorithm: ConvolutionAlgorithm?
    var level = 0
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      if argument == "--threads", let count = arguments.next().flatMap({ Int($0) }), count > 0 {
        Parallel.threads = count
      } else if argument == "--algorithm" {
        algorithm = arguments.next().flatMap { ConvolutionAlgorithm(rawValue: $0) }
      } else if argument == "--level" {
        level = arguments.next().flatMap { Int($0) } ?? 0
      } else {
        filter = argument
      }
    }
    print(
      "{\"kernels\": \"\(BLAS.kernelName)\", \"threads\": \(Parallel.threads)}")
    try ConvolutionAlgorithm.$forced.withValue(algorithm) {
      try ConvolutionAlgorithm.$level.withValue(level) { try measure(filter) }
    }
  }

  private static func measure(_ filter: String) throws {
    for benchmark in try NetworkBenchmark.all() where filter.isEmpty || benchmark.name == filter {
      benchmark.run()
    }
    if filter.isEmpty || filter == "layers" {
      for benchmark in LayerBenchmark.all { benchmark.run() }
    }
  }
}
