internal import CKernels

/// Blocks of 64-byte-aligned floats, kept warm between uses.
///
/// A block comes back when the last tensor that uses it goes. A pool belongs to one run and is
/// used from that run's queue only.
final class MemoryPool {
  /// Which block serves a tensor.
  enum Fit {
    /// One of exactly its size, so that the pool holds no more than a step does.
    case exact
    /// The smallest that is large enough: for scratch memory of many sizes, of which few are held at a time.
    case any
  }

  struct Block {
    let base: UnsafeMutablePointer<Float>
    let capacity: Int
  }

  private let fit: Fit
  private var free: [Int: [Block]] = [:]

  /// How many blocks were taken from the system so far; constant in a steady step.
  private(set) var allocations = 0
  /// How many numbers the pool's blocks hold.
  private(set) var size = 0

  init(_ fit: Fit = .exact) { self.fit = fit }

  func take(_ count: Int) -> Block {
    if let block = takeFree(count) { return block }
    allocations += 1
    size += count
    let capacity = max(count, 1)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
    return Block(
      base: raw.initializeMemory(as: Float.self, repeating: 0, count: capacity), capacity: count)
  }

  func giveBack(_ block: Block) { free[block.capacity, default: []].append(block) }

  private func takeFree(_ count: Int) -> Block? {
    if let block = free[count]?.popLast() { return block }
    guard fit == .any else { return nil }
    let sizes = free.lazy.filter { !$0.value.isEmpty }.map(\.key)
    if let size = sizes.filter({ $0 > count }).min() { return free[size]?.popLast() }
    // None is large enough: a new block replaces the largest.
    if let size = sizes.max(), let block = free[size]?.popLast() {
      self.size -= size
      block.base.deallocate()
    }
    return nil
  }

  deinit {
    for block in free.values.joined() { block.base.deallocate() }
  }
}

/// Makes glibc return blocks of 256 KiB or more to the system as soon as they are freed; elsewhere does nothing.
///
/// By default, freeing a mapped block raises glibc's mmap threshold to its size, up to 32 MiB. Network buffers and
/// copies of weights then fragment the heap: a quarter of the resident memory, as measured.
package func returnLargeBlocks() { ck_return_large_blocks() }
