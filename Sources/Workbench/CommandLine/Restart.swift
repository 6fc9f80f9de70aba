import Diffusion
import Platform

/// Starts the program once more where that makes its arithmetic faster.
enum Restart {
  private static let kernels = "OPENBLAS_CORETYPE"
  /// Set by the first start, so that there is never a third.
  private static let mark = "DIFFUSION_WORKBENCH_RESTARTED"

  /// Becomes a new process that is told which kernels to take, where OpenBLAS chose wrongly.
  ///
  /// It chooses when it is loaded, so that only a new process can mend it. Where the restart fails,
  /// the program goes on as it is.
  static func ifKernelsAreMissed() {
    guard getenv(kernels) == nil, getenv(mark) == nil, let missed = BLAS.missedKernelName,
      let path = ResourceFolders.programPath
    else { return }
    setenv(kernels, missed, 1)
    setenv(mark, "1", 1)
    execv(path, CommandLine.unsafeArgv)
    // Only a failure comes back; what did not happen should not stay in the environment.
    unsetenv(kernels)
    unsetenv(mark)
  }
}
