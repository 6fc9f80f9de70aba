import Testing

@testable import Diffusion

@Suite("Checkpoint")
struct CheckpointTests {
  static func checkpoint(step: Int) -> Checkpoint {
    func tensors(_ start: Float) -> TensorSource {
      TensorSource([
        NamedTensor(
          name: "net.0.weight", shape: [2, 2], values: (0..<4).map { start + Float($0) }),
        NamedTensor(name: "net.0.bias", shape: [2], values: [start, -.leastNonzeroMagnitude]),
        NamedTensor(name: "batches", shape: [], values: [start + 3], kind: .wholeNumber),
      ])
    }
    let state = Trainer.State(
      step: step, weights: tensors(Float(step)), average: tensors(10), m: tensors(20),
      v: tensors(30), random: [1, 2, 3], batchOrigin: step == 0 ? [] : [0],
      batchPosition: step == 0 ? 0 : 66_051,
      objective: step == 0 ? [] : Array("{\"losses\":[1]}".utf8))
    return Checkpoint(
      state, recipe: "[data]\nname = \"digits14\"  # \u{1F995}\n",
      changes: [.init(step: 5, text: "name = \"cosine\""), .init(step: 7, text: "a\n\"b\"")],
      elapsedSeconds: 12.345678901234567, parent: step == 0 ? nil : "runs/first",
      format: step == 0
        ? nil
        : SampleFormat(
          kind: .image, shape: Shape(1, 2, 3, 1), range: -1...0.1, classNames: ["a", "\"b\""]),
      sampleCount: step == 0 ? nil : 5000)
  }

  /// Compares everything that two checkpoints hold, number by number.
  static func expectEqual(_ found: Checkpoint, _ expected: Checkpoint) throws {
    let (a, b) = (found.state, expected.state)
    #expect(a.step == b.step)
    for (a, b) in [
      (a.weights, b.weights), (a.average, b.average), (a.m, b.m), (a.v, b.v),
    ] {
      #expect(try a.tensors() == b.tensors())
    }
    #expect(a.random == b.random)
    #expect(a.batchOrigin == b.batchOrigin)
    #expect(a.batchPosition == b.batchPosition)
    #expect(a.objective == b.objective)
    #expect(found.recipe == expected.recipe)
    #expect(found.changes == expected.changes)
    #expect(found.elapsedSeconds == expected.elapsedSeconds)
    #expect(found.parent == expected.parent)
    #expect(found.format == expected.format)
    #expect(found.sampleCount == expected.sampleCount)
  }

  @Test("What is written is read again, bit for bit", arguments: [0, 9_007_199_254_740_993])
  func roundTrip(step: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/last.safetensors"
      try Self.checkpoint(step: step).write(to: path)
      #expect(Checkpoint.exists(at: path))
      try Self.expectEqual(Checkpoint(contentsOf: path), Self.checkpoint(step: step))
      #expect(Checkpoint.sampleCount(at: path) == Self.checkpoint(step: step).sampleCount)
    }
  }

  @Test("The tensors carry their names under a prefix, as other programs expect")
  func names() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/last.safetensors"
      try Self.checkpoint(step: 1).write(to: path)
      #expect(
        try SafeTensors(contentsOf: path).entries.map(\.name) == [
          "weights.net.0.weight", "weights.net.0.bias", "weights.batches", "average.net.0.weight",
          "average.net.0.bias", "average.batches", "adam.m.net.0.weight", "adam.m.net.0.bias",
          "adam.m.batches", "adam.v.net.0.weight", "adam.v.net.0.bias", "adam.v.batches",
          "random.batch_origin", "random.batch_position", "random.stream", "random.objective",
        ])
    }
  }

  @Test("A program killed before any call leaves the last checkpoint or the new one, whole")
  func killed() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/last.safetensors"
      let all = FailingCalls { _ in false }
      try Self.checkpoint(step: 1).write(to: path, calls: all.calls)
      #expect(all.log.count > 10)
      var seen: Set<Int> = []
      for call in 1...all.log.count {
        try Self.checkpoint(step: 1).write(to: path)
        let dead = FailingCalls { $0 >= call }
        _ = try? Self.checkpoint(step: 2).write(to: path, calls: dead.calls)
        let found = try Checkpoint(contentsOf: path)
        try Self.expectEqual(found, Self.checkpoint(step: found.state.step))
        seen.insert(found.state.step)
      }
      #expect(seen == [1, 2])
    }
  }

  @Test("A checkpoint cut at any length is refused")
  func truncated() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/last.safetensors"
      try Self.checkpoint(step: 1).write(to: path)
      let whole = try bytes(of: path)
      for length in stride(from: 0, to: whole.count, by: 7) {
        try put(Array(whole.prefix(length)), path)
        #expect(fileError { try Checkpoint(contentsOf: path) } != nil, "\(length) bytes")
      }
    }
  }

  @Test(
    "A file that is no checkpoint of this version is refused",
    arguments: [
      ([("format", "pt")], FileError.Kind.unrecognized),
      ([("format", Checkpoint.formatName)], .malformed),
      ([("format", Checkpoint.formatName), ("version", "2")], .unsupported),
      ([("format", Checkpoint.formatName), ("version", "1"), ("step", "-1")], .malformed),
      (valid("elapsed_seconds", "nan"), .malformed),
      (valid("schedule_changes", "[{}]"), .malformed),
      (valid("step", "1"), nil),
    ])
  func refuses(metadata: [(String, String)], kind: FileError.Kind?) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      try SafeTensors.write([], metadata: metadata, to: path)
      #expect(fileError { try Checkpoint(contentsOf: path) }?.kind == kind)
    }
  }

  @Test("A tensor that no checkpoint has is refused")
  func foreignTensor() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      for item in [
        SafeTensors.Item.bytes(name: "weights.a", [1]), .bytes(name: "other", [1]),
        .tensor(NamedTensor(name: "random.a", shape: [1], values: [1])),
      ] {
        try SafeTensors.write([item], metadata: Self.valid("step", "1"), to: path)
        #expect(fileError { try Checkpoint(contentsOf: path) }?.kind == .mismatch)
      }
    }
  }

  /// Metadata of a checkpoint in which one field is replaced.
  static func valid(_ field: String, _ value: String) -> [(String, String)] {
    [
      ("format", Checkpoint.formatName), ("version", "1"), ("step", "1"), ("elapsed_seconds", "0"),
      ("recipe", ""), ("schedule_changes", "[]"),
    ].map { $0.0 == field ? ($0.0, value) : $0 }
  }
}
