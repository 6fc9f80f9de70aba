/// Blocks of 64-byte-aligned floats by size, kept warm between uses.
///
/// A block comes back when the last tensor that uses it goes. A pool belongs to one run and is
/// used from that run's queue only.
final class MemoryPool {
  private var free: [Int: [UnsafeMutablePointer<Float>]] = [:]

  /// How many blocks were taken from the system so far; constant in a steady step.
  private(set) var allocations = 0
  /// How many numbers these hold.
  private(set) var size = 0

  func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    if let block = free[count]?.popLast() { return block }
    allocations += 1
    size += count
    let capacity = max(count, 1)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
    return raw.initializeMemory(as: Float.self, repeating: 0, count: capacity)
  }

  func giveBack(_ block: UnsafeMutablePointer<Float>, _ count: Int) {
    free[count, default: []].append(block)
  }

  deinit {
    for block in free.values.joined() { block.deallocate() }
  }
}
