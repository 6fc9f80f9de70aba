import Diffusion

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Starts the program once more where that makes its arithmetic faster.
enum Restart {
  private static let kernels = "OPENBLAS_CORETYPE"
  /// Set by the first start, so that there is never a third.
  private static let mark = "DIFFUSION_WORKBENCH_RESTARTED"

  /// OpenBLAS chooses its kernels when it is loaded, some versions wrongly: this program then
  /// becomes a new process that is told which to take. Where that fails, it goes on as it is.
  static func ifKernelsAreMissed() {
    guard getenv(kernels) == nil, getenv(mark) == nil, let missed = BLAS.missedKernelName,
      let path = ResourceFolders.programPath
    else { return }
    setenv(kernels, missed, 1)
    setenv(mark, "1", 1)
    var arguments = CommandLine.unsafeArgv.advanced(by: 0)
    _ = path.withCString { execv($0, arguments) }
    // Only a failure comes back; children should not see what did not happen.
    arguments = CommandLine.unsafeArgv
    unsetenv(kernels)
    unsetenv(mark)
  }
}
