import Foundation
import Testing

@testable import Diffusion

@Suite("Made and read points and signals")
struct PointsTests {
  @Test("The swissroll runs from tMin to tMin + tMax as in smalldiffusion")
  func swissroll() {
    let set = Points.swissroll()
    #expect(set.count == 100)
    #expect(set.shape == Shape(1, 1, 1, 2))
    let (start, end) = (set[0], set[99])
    // t = π/2: cos t = 0, so the first point is (0, (π/2)/(5π)).
    #expect(abs(start[0]) < 1e-6 && abs(start[1] - 0.1) < 1e-6)
    // t = 5.5π: cos t = 0 and sin t = −1.
    #expect(abs(end[0]) < 1e-6 && abs(end[1] + 1.1) < 1e-6)
    #expect(set.range == -1.1...1.1)
  }

  @Test("Every made set lies in its declared range", arguments: DataCatalog.all.indices)
  func inRange(index: Int) throws {
    let entry = DataCatalog.all[index]
    let set = entry.make()
    #expect(set.name == entry.name)
    let slack: Float = 1e-6
    let values = (0..<min(set.count, 300)).flatMap { set[$0] }
    let range = (set.range.lowerBound - slack)...(set.range.upperBound + slack)
    #expect(values.allSatisfy(range.contains))
    #expect(set.kind != .points || Set(values.map { $0 > 0 }).count == 2)
    #expect(!entry.summary.contains("\n"))
  }

  @Test("The dinosaur's points lie evenly along its lines")
  func dino() {
    let set = Points.dino()
    #expect(set.count == 142)
    let gaps = (1..<100).map { i in hypotf(set[i][0] - set[i - 1][0], set[i][1] - set[i - 1][1]) }
    let longest = gaps.max() ?? 0
    #expect(gaps.allSatisfy { $0 > longest / 2 })
  }

  @Test("The sine set is copies of one whole period")
  func sine() {
    let set = Signals.sine()
    #expect(set.count == 1000)
    #expect(set.shape == Shape(1, 1, 100, 1))
    #expect(set.kind == .signal)
    let wave = set[999]
    #expect(wave == set[0])
    for (i, value) in wave.enumerated() {
      #expect(abs(value - Float(sin(2 * Double.pi * Double(i) / 99))) < 1e-6)
    }
  }

  static func read(_ text: String) throws(FileError) -> Dataset {
    try PointsFile.dataset(name: "set", path: "points", text: Array(text.utf8))
  }

  @Test(
    "Tables with and without names, with any separator, are read",
    arguments: [
      "1 2\n3 -4.5\n", "1\t2\n3\t-4.5", "1,2\r\n3,-4.5\r\n", "x;y\n1;2\n\n3;-4.5\n",
      "\u{FEFF}Y,id,X\n2,7,1\n-4.5,8,3", "# a comment\n\"x\",\"y\"\n\"1\",\"2\"\n3, -4.5e0\n",
    ])
  func tables(text: String) throws {
    let set = try Self.read(text)
    #expect(set.count == 2)
    // The box is 2 wide and 6.5 high.
    #expect(set[0] == [-1 / 3.25, 1])
    #expect(set[1] == [1 / 3.25, -1])
  }

  @Test("A column of names becomes the classes, of which one can be chosen")
  func classes() throws {
    let set = try Self.read("dataset\tx\ty\nb\t1\t2\na\t3\t4\nb\t5\t6\n")
    #expect(set.classNames == ["b", "a"])
    #expect(set.labels == [0, 1, 0])
    #expect(try set.select(className: "a")[0] == [0, 0])
    #expect(
      fileError { try set.select(className: "c") }?.description
        == "set: has no class c; its classes are: b, a")
  }

  @Test("Fitting keeps the aspect and centres the box")
  func fit() throws {
    let set = try Self.read("0 10\n100 10\n50 60\n")
    #expect(set[0] == [-1, -0.5])
    #expect(set[1] == [1, -0.5])
    #expect(set[2] == [0, 0.5])
    #expect(set.range == -1...1)
    #expect(try Self.read("5 5\n")[0] == [0, 0])
  }

  @Test(
    "A wrong table is refused with the line",
    arguments: [
      ("", "points: holds no points; expected lines of x and y"),
      ("x,y\n", "points: holds no points; expected lines of x and y"),
      ("1,2\n3\n", "points: line 2 has 1 fields; expected at least 2"),
      ("1,2\n3,four\n", "points: line 2 has y = “four”; expected a number between −1e18 and 1e18"),
      ("nan,2\n", "points: line 1 has x = “nan”; expected a number between −1e18 and 1e18"),
      (
        "1 2\n1e300 2\n", "points: line 2 has x = “1e300”; expected a number between −1e18 and 1e18"
      ),
      (
        "a,b\n1,2\n", "points: is not a table of points: line 1 is “a, b”; expected columns x and y"
      ),
    ])
  func refuses(text: String, sentence: String) {
    #expect(fileError { try Self.read(text) }?.description == sentence)
  }

  @Test("Bytes that is not text are refused")
  func noText() {
    let error = fileError {
      try PointsFile.dataset(name: "set", path: "points", text: [0xC3, 0x28])
    }
    #expect(error?.kind == .unrecognized)
  }
}

@Suite("Data catalogue")
struct DataCatalogTests {
  @Test("A file is opened by its content, whatever its name")
  func byContent() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/anything.jpg"
      try put(IDXTests.images, path)
      #expect(try DataCatalog.open(path).kind == .image)
      try put(gzip(IDXTests.images), path)
      #expect(try DataCatalog.open(path).shape == Shape(1, 2, 3, 1))
      try put("x,y,class\n1,2,a\n3,4,b\n", path)
      #expect(try DataCatalog.open(path).count == 2)
      #expect(try DataCatalog.open(path + "#b").labels == [1])
    }
  }

  @Test("A folder with the usual file names is opened")
  func folder() throws {
    try withTemporaryFolder { folder in
      try put(gzip(IDXTests.images), "\(folder)/train-images-idx3-ubyte.gz")
      try put(gzip(IDXTests.labels), "\(folder)/train-labels-idx1-ubyte.gz")
      #expect(try DataCatalog.open(folder).labels == [2, 0, 2])
    }
  }

  @Test("What cannot be opened is refused with a sentence")
  func refuses() throws {
    #expect(
      fileError { try DataCatalog.open("digits15") }?.description
        == "digits15: is neither a file nor one of the built-in sets: "
        + "digits14, digits28, fashion14, emoji16, swissroll, dino, moons, circles, grid, sine, words, drums"
    )
    try withTemporaryFolder { folder in
      #expect(fileError { try DataCatalog.open(folder) }?.kind == .unrecognized)
      try put([], "\(folder)/empty")
      #expect(fileError { try DataCatalog.open("\(folder)/empty") }?.problem == "is empty")
      try put([1, 2, 3, 0, 5], "\(folder)/binary")
      #expect(fileError { try DataCatalog.open("\(folder)/binary") }?.kind == .unrecognized)
    }
  }
}
