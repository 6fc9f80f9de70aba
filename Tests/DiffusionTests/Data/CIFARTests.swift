import Testing

@testable import Diffusion

@Suite("CIFAR-10 records")
struct CIFARTests {
  /// Records of one grey ramp each: red, green and blue bytes are told apart by their offsets.
  private func records(side: Int, labels: [UInt8]) -> [UInt8] {
    labels.flatMap { label -> [UInt8] in
      let plane = (0..<side * side).map { UInt8($0 % 50) }
      return [label] + plane + plane.map { $0 + 60 } + plane.map { $0 + 120 }
    }
  }

  private func problem(_ body: () throws -> Dataset) -> String {
    do {
      _ = try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test("planes become pixels, label bytes classes, the size tells the side", arguments: [16, 32])
  func reads(side: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/pictures.bin"
      try put(records(side: side, labels: [2, 0, 1]), path)
      let data = try DataCatalog.open(path)
      #expect(data.shape == Shape(1, side, side, 3))
      #expect(data.labels == [2, 0, 1])
      #expect(data.classNames == ["0", "1", "2"])
      let bytes = data[1].map { Int((($0 + 1) / 2 * 255).rounded()) }
      #expect(Array(bytes[0..<6]) == [0, 60, 120, 1, 61, 121])
      #expect(Array(bytes[49 * 3..<51 * 3]) == [49, 109, 169, 0, 60, 120])
    }
  }

  @Test("class names come from batches.meta.txt, or from a list with a line a picture")
  func names() throws {
    try withTemporaryFolder { folder in
      try put(records(side: 16, labels: [1, 0, 1]), folder + "/all.bin")
      try put(Array("cat\nship\ntruck\n".utf8), folder + "/batches.meta.txt")
      #expect(try DataCatalog.open(folder + "/all.bin").classNames == ["cat", "ship", "truck"])
      try put(records(side: 16, labels: [1, 0, 1]), folder + "/tiles-16.bin")
      try put(Array("item\ta.png\nmonster\tb.png\nitem\tc.png\n".utf8), folder + "/tiles.names.txt")
      #expect(try DataCatalog.open(folder + "/tiles-16.bin").classNames == ["monster", "item"])
      try put(Array("item\ta.png\n".utf8), folder + "/tiles.names.txt")
      #expect(
        problem { try DataCatalog.open(folder + "/tiles-16.bin") }.contains(
          "has 1 lines, expected one for each of the 3 pictures"))
    }
  }

  @Test("a folder of batches is read in order, whichever are there")
  func folder() throws {
    try withTemporaryFolder { folder in
      try put(records(side: 32, labels: [3]), folder + "/data_batch_1.bin")
      try put(records(side: 32, labels: [4]), folder + "/data_batch_3.bin")
      try put(records(side: 32, labels: [9]), folder + "/test_batch.bin")
      #expect(try DataCatalog.open(folder).labels == [3, 4])
      try put(records(side: 16, labels: [4]), folder + "/data_batch_2.bin")
      #expect(
        problem { try DataCatalog.open(folder) }.contains(
          "data_batch_2.bin: has pictures of 16×16, expected 32×32 as in"))
    }
  }

  @Test("a size that is no whole number of records says what was expected")
  func wrongSize() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cut.bin"
      try put(Array(records(side: 32, labels: [3, 4]).dropLast()), path)
      #expect(
        problem { try DataCatalog.open(path) }
          == "\(path): holds 6145 bytes, expected a multiple of 3073 bytes a picture of 32×32 or of "
          + "769 bytes a picture of 16×16")
      try put([], path)
      #expect(problem { try DataCatalog.open(path) }.contains("is empty"))
    }
  }
}
