import Diffusion

/// Times the core: `Benchmarks [FILTER] [--threads N]`, one JSON line a case, best of several runs.
@main
struct Benchmarks {
  static func main() throws {
    var filter = ""
    var arguments = CommandLine.arguments.dropFirst().makeIterator()
    while let argument = arguments.next() {
      if argument == "--threads", let count = arguments.next().flatMap({ Int($0) }), count > 0 {
        Parallel.threads = count
      } else {
        filter = argument
      }
    }
    print(
      "{\"kernels\": \"\(BLAS.kernelName)\", \"threads\": \(Parallel.threads)}")
    for benchmark in try NetworkBenchmark.all() where filter.isEmpty || benchmark.name == filter {
      benchmark.run()
    }
  }
}
