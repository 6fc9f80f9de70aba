import Diffusion
import Platform
import Synchronization
import TUI

/// How much memory training or sampling takes, so that what cannot fit is refused before it begins.
struct MemoryNeed: Error, Equatable, CustomStringConvertible {
  /// Bytes, to a fifth or so; what depends on neither the network nor the number of samples is left out.
  var bytes: Double
  /// The bytes that the machine has.
  var machine = Self.machine
  /// What takes them.
  var subject: String
  /// What would take less.
  var remedy: String

  var description: String {
    "\(subject) would take about \(Numbers.bytes(Int(min(bytes, 1e18)))) of memory, too much for the "
      + "\(Numbers.bytes(Int(machine))) of this machine; expected \(remedy)"
  }

  /// The share of the machine's memory that may be taken: the rest is for others, and for what is not estimated.
  private static let share = 0.8

  /// Throws it where it is more than may be taken.
  private func check() throws(MemoryNeed) {
    if bytes > machine * Self.share { throw self }
  }
}

extension MemoryNeed {
  private static let float = Double(MemoryLayout<Float>.stride)
  /// Copies of the weights in training: gradients, average, Adam's two moments, and what a checkpoint has of
  /// them while it is written.
  private static let copies = 9.0

  /// Throws where a network cannot be trained so.
  static func checkTraining(
    _ network: Network, _ training: TrainingConfiguration
  ) throws(MemoryNeed) {
    var need = MemoryNeed(
      bytes: Double(network.parameterCount) * copies * float, subject: "this run",
      remedy: "a smaller network or training.batch"
        + (training.recomputes ? "" : ", or training.recompute = true"))
    // What each sample takes is only known once the network has run.
    try need.check()
    let size = network.passSize(.train, recomputing: training.recomputes)
    need.bytes += size.numbers(batch: training.batchSize) * float
    try need.check()
  }

  /// Throws where samples of a shape cannot be drawn so by a model, or by a formula where there is none;
  /// `keepsFrames` says whether all frames stay until the end, `frames` how many they are where not as many as usual,
  /// and `differentiates` whether each answer is followed by a backward pass.
  static func checkSampling(
    _ model: Model?, _ shape: Shape, _ sampling: SamplingConfiguration,
    along schedule: Schedule, keepsFrames: Bool = false, frames: Int? = nil,
    differentiates: Bool = false
  ) throws(MemoryNeed) {
    // Guidance asks for both in one batch.
    let batch = sampling.guidance == 1 ? sampling.count : 2 * sampling.count
    let size = model.map {
      differentiates ? $0.network.passSize(.differentiate, $0.weights) : evaluationSize($0)
    }
    let pass = size?.numbers(batch: batch) ?? 0
    let frames = keepsFrames ? Double(frames ?? sampling.makeSteps(schedule).count) : 1
    let samples = Double(sampling.count) * Double(shape.sampleCount)
    let need = MemoryNeed(
      bytes: (pass + 2 * frames * samples) * float,
      subject: keepsFrames ? "these samples with all their frames" : "these samples",
      remedy: keepsFrames ? "fewer samples or steps" : "fewer samples")
    try need.check()
  }

  private struct NetworkKey: Hashable {
    var name: String
    var tensors: Int
    var shape: Shape
  }

  private static let known = Mutex<[NetworkKey: PassSize]>([:])

  /// What a pass takes in evaluation, found once: a screen samples the same network again and again.
  private static func evaluationSize(_ model: Model) -> PassSize {
    let network = model.network
    let key = NetworkKey(
      name: network.name, tensors: network.table.count, shape: network.sampleShape)
    if let size = known.withLock({ $0[key] }) { return size }
    let size = network.passSize(.evaluate, model.weights)
    known.withLock { $0[key] = size }
    return size
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
