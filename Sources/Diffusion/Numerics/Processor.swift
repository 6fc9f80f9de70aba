internal import CKernels

/// The number of processors this process may run on.
func availableProcessors() -> Int { max(1, Int(ck_processors())) }

/// The instructions that the loops in C use on this processor.
package enum KernelLevel: Sendable {
  case avx512, avx2, baseline

  /// The best that the processor has.
  package static var best: KernelLevel {
    switch ck_level(0) {
    case 4: .avx512
    case 3: .avx2
    default: .baseline
    }
  }

  /// As it is called.
  package var title: String {
    switch self {
    case .avx512: "AVX-512"
    case .avx2: "AVX2 and FMA"
    case .baseline: "the compiler's baseline"
    }
  }
}
