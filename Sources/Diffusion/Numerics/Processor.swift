internal import CKernels

/// The number of processors this process may run on.
func availableProcessors() -> Int { max(1, Int(ck_processors())) }
