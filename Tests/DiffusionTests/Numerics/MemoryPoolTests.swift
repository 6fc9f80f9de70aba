import Testing

@testable import Diffusion

@Suite("Pools of memory")
struct MemoryPoolTests {
  private func use(_ sizes: [Int], of pool: MemoryPool) {
    let blocks = sizes.map { pool.take($0) }
    for block in blocks { pool.giveBack(block) }
  }

  @Test("a free block serves only requests of exactly its size")
  func exact() {
    let pool = MemoryPool()
    use([10, 10, 30], of: pool)
    use([10, 30, 10], of: pool)
    #expect(pool.allocations == 3 && pool.size == 50)
    use([20], of: pool)
    #expect(pool.allocations == 4 && pool.size == 70)
  }

  @Test("a scratch pool holds no more blocks than are in use at once")
  func any() {
    let pool = MemoryPool(.any)
    for size in [10, 40, 20, 30] { use([size, size / 2], of: pool) }
    #expect(pool.size <= 60)
    let warm = pool.allocations
    for size in [10, 40, 20, 30] { use([size, size / 2], of: pool) }
    #expect(pool.allocations == warm)
  }
}
