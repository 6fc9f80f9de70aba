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
      let path = folder + "/images.bin"
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

  @Test("class names come from batches.meta.txt, or from a list with a line an image")
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
          "has 1 lines; expected one for each of the 3 images"))
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
          "data_batch_2.bin: has images of 16×16; expected 32×32 as in"))
    }
  }

  @Test("a size that is no whole number of records says what was expected")
  func wrongSize() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cut.bin"
      try put(Array(records(side: 32, labels: [3, 4]).dropLast()), path)
      #expect(
        problem { try DataCatalog.open(path) }
          == "\(path): holds 6145 bytes; expected a multiple of 3073 bytes for an image of 32×32 "
          + "(2 of them are 6146) or of 769 bytes for an image of 16×16 (8 of them are 6152)")
      try put([1, 2, 0xFF], path)
      #expect(problem { try DataCatalog.open(path) }.contains("(1 of them are 3073)"))
      try put([], path)
      #expect(problem { try DataCatalog.open(path) }.contains("is empty"))
    }
  }

  @Test("gzip content is inflated whatever the file is called", arguments: [16, 32])
  func compressed(side: Int) throws {
    try withTemporaryFolder { folder in
      let plain = records(side: side, labels: [2, 0, 1])
      try put(plain, folder + "/plain.bin")
      try put(gzip(plain), folder + "/packed.bin.gz")
      try put(gzip(plain), folder + "/packed.bin")
      let expected = try DataCatalog.open(folder + "/plain.bin")
      for name in ["packed.bin.gz", "packed.bin"] {
        let data = try DataCatalog.open("\(folder)/\(name)")
        #expect(data.labels == expected.labels)
        #expect((0..<3).allSatisfy { data[$0] == expected[$0] }, "\(name)")
      }
      try put(gzip(plain + [0]), folder + "/packed.bin.gz")
      #expect(
        problem { try DataCatalog.open(folder + "/packed.bin.gz") }
          .contains("holds \(plain.count + 1) bytes; expected"))
      try put(Array(gzip(plain).dropLast(6)), folder + "/packed.bin.gz")
      #expect(
        problem { try DataCatalog.open(folder + "/packed.bin.gz") }.contains("within gzip data"))
    }
  }

  @Test("content decides under any other name, and bright images are no text")
  func byContent() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/images"
      try put(records(side: 16, labels: [9, 0, 3]), path)
      #expect(try DataCatalog.open(path).labels == [9, 0, 3])
      try put(records(side: 16, labels: [10, 0, 3]), path)
      #expect(problem { try DataCatalog.open(path) }.contains("nor CIFAR-10 records"))
      // A label that is a tab, and pixels that are letters.
      let bright = [9] + [UInt8](repeating: 65, count: 768)
      try put(bright + bright, folder + "/bright.bin")
      #expect(try DataCatalog.open(folder + "/bright.bin").labels == [9, 9])
    }
  }

  @Test("several files are read in the order in which they are named")
  func several() throws {
    try withTemporaryFolder { folder in
      let (a, b) = (folder + "/a.bin", folder + "/b.bin.gz")
      try put(records(side: 16, labels: [1, 2]), a)
      try put(gzip(records(side: 16, labels: [0])), b)
      #expect(try DataCatalog.open("\(b):\(a)").labels == [0, 1, 2])
      #expect(try DataCatalog.open("\(b):\(a)#2").count == 1)
      #expect(DataCatalog.exists("\(a):\(b)#2"))
      #expect(!DataCatalog.exists("\(a):\(folder)/c.bin"))
      #expect(fileError { try DataCatalog.open("\(a):\(folder)/c.bin") }?.kind == .missing)
    }
  }

  @Test("a size that fits both sides is read with the smaller labels")
  func ambiguous() throws {
    try withTemporaryFolder { folder in
      // 769 records of 3073 bytes are as long as 3073 of 769.
      for (side, count) in [(32, 769), (16, 3073)] {
        let path = "\(folder)/\(side).bin"
        try put(records(side: side, labels: (0..<count).map { UInt8($0 % 10) }), path)
        #expect(try DataCatalog.open(path).shape == Shape(1, side, side, 3))
      }
    }
  }

  @Test("a label that has no name is refused, with its record and the list of names")
  func unnamedLabel() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/all.bin"
      try put(records(side: 16, labels: [1, 0, 2, 7]), path)
      try put("cat\nship\n", folder + "/batches.meta.txt")
      #expect(
        problem { try DataCatalog.open(path) }
          == "\(path): has the label 2 in record 2; expected labels below 2: "
          + "\(folder)/batches.meta.txt names 2 classes")
    }
  }

  @Test("files called as CIFAR-10's own have its names, unless a label is beyond them")
  func ownNames() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cifar10-part.bin"
      try put(records(side: 32, labels: [8, 0]), path)
      let data = try DataCatalog.open(path + "#ship")
      #expect(data.count == 1)
      #expect(data.labels == [8])
      #expect(data.classNames.count == 10)
      try put(records(side: 32, labels: [8, 10]), path)
      #expect(try DataCatalog.open(path).classNames == (0...10).map(String.init))
      try put(records(side: 32, labels: [8, 0]), folder + "/sprites.bin")
      #expect(try DataCatalog.open(folder + "/sprites.bin").classNames == (0...8).map(String.init))
    }
  }
}
