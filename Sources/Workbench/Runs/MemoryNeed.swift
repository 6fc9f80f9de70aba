import Diffusion
import Platform

/// How much memory a run takes at least, so that one that cannot fit is refused before it begins: its weights
/// with all that goes with them, and the layers' outputs, which wait for the way back.
enum MemoryNeed {
  /// Copies of the weights in training: gradients, average, Adam's two moments, and what a checkpoint has of
  /// them while it is written.
  private static let copies = 9

  /// Throws where a run does not fit into the machine's memory.
  static func check(_ network: Network, batch: Int) throws(RunError) {
    let most = machine
    let size = Double(MemoryLayout<Float>.stride)
    let weights = Double(network.parameterCount) * Double(copies) * size
    // The layers' outputs are only known once the network has run.
    if weights > most { throw .tooLarge(bytes: weights, machine: most) }
    let outputs = network.summary().rows.reduce(0.0) { $0 + Double($1.output.sampleCount) }
    let bytes = weights + outputs * Double(batch) * size
    if bytes > most { throw .tooLarge(bytes: bytes, machine: most) }
  }

  /// The bytes of memory that the machine has, or that the program may have of it.
  static let machine: Double = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let physical = Double(pages) * Double(sysconf(Int32(_SC_PAGESIZE)))
    #if os(Linux)
      let limit = (try? RecipeLibrary.read("/sys/fs/cgroup/memory.max")) ?? ""
      if let bytes = Double(limit.filter { !$0.isNewline }), bytes > 0 {
        return min(bytes, physical)
      }
    #endif
    return physical
  }()
}
