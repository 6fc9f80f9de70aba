import Testing

@testable import Diffusion

@Suite("Element types of weight files")
struct WeightTypesTests {
  @Test("Every 16-bit float becomes a float and comes back")
  func halvesRoundTrip() {
    for bits in UInt16.min...UInt16.max {
      let half = HalfFloats.float(half: bits)
      let brain = HalfFloats.float(brain: bits)
      #expect(half.isNaN == (bits & 0x7C00 == 0x7C00 && bits & 0x3FF != 0))
      #expect(brain.isNaN == (bits & 0x7F80 == 0x7F80 && bits & 0x7F != 0))
      if half.isNaN {
        #expect(HalfFloats.float(half: HalfFloats.half(half)).isNaN)
      } else {
        #expect(HalfFloats.half(half) == bits)
      }
      if brain.isNaN {
        #expect(HalfFloats.float(brain: HalfFloats.brain(brain)).isNaN)
      } else {
        #expect(HalfFloats.brain(brain) == bits)
      }
    }
  }

  @Test("Floats are rounded to the nearest 16-bit float, ties to the even one")
  func rounding() {
    var random = Random(seed: 3)
    // All magnitudes: bit patterns, not values, are spread evenly.
    for _ in 0..<20_000 {
      let halves = random.integers(below: 1 << 15, count: 2)
      let bits = UInt32(halves[0] << 16 | halves[1] << 1)
      let value = Float(bitPattern: bits)
      guard value.isFinite else { continue }
      check(value, HalfFloats.half(value), HalfFloats.float(half:), infinity: 0x7C00)
      check(value, HalfFloats.brain(value), HalfFloats.float(brain:), infinity: 0x7F80)
    }
    for bits in UInt16(0)..<0x7BFF {
      let (low, high) = (HalfFloats.float(half: bits), HalfFloats.float(half: bits + 1))
      let middle = (low + high) / 2
      #expect(HalfFloats.half(middle) == bits + bits & 1)
      #expect(HalfFloats.half(middle.nextDown) == bits)
      #expect(HalfFloats.half(-middle.nextUp) == (bits + 1) | 0x8000)
    }
    for bits: UInt16 in [0, 0x3F80, 0x3F81, 0x7F00] {
      let middle = Float(bitPattern: UInt32(bits) << 16 | 0x8000)
      #expect(HalfFloats.brain(middle) == bits + bits & 1)
      #expect(HalfFloats.brain(middle.nextDown) == bits)
      #expect(HalfFloats.brain(middle.nextUp) == bits + 1)
    }
  }

  /// No neighbour of `bits` is nearer to `value`.
  private func check(
    _ value: Float, _ bits: UInt16, _ float: (UInt16) -> Float, infinity: UInt16
  ) {
    guard bits < infinity else { return #expect(value > float(infinity - 1)) }
    let distance = abs(Double(float(bits)) - Double(value))
    if bits > 0 { #expect(distance <= abs(Double(float(bits - 1)) - Double(value))) }
    if bits + 1 < infinity { #expect(distance <= abs(Double(float(bits + 1)) - Double(value))) }
  }

  @Test("What is too large becomes infinite, what is no number stays none")
  func extremes() {
    #expect(HalfFloats.half(65504) == 0x7BFF)
    #expect(HalfFloats.half(Float(65520).nextDown) == 0x7BFF)
    #expect(HalfFloats.half(65520) == 0x7C00)
    #expect(HalfFloats.half(-.infinity) == 0xFC00)
    #expect(HalfFloats.brain(.greatestFiniteMagnitude) == 0x7F80)
    #expect(HalfFloats.brain(-.infinity) == 0xFF80)
    // A NaN whose mark lies in the bits that go.
    let quiet = Float(bitPattern: 0x7F80_0001)
    #expect(HalfFloats.float(brain: HalfFloats.brain(quiet)).isNaN)
    #expect(HalfFloats.float(half: HalfFloats.half(quiet)).isNaN)
  }

  @Test("Numbers are written as the type asked for, whole ones as I64 unless asked")
  func written() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/x.safetensors"
      // More than are converted at a time.
      let long = NamedTensor(
        name: "long", shape: [3, 10_000], values: (0..<30_000).map { Float($0 % 256) })
      let count = NamedTensor(
        name: "num_batches_tracked", shape: [], values: [12], kind: .wholeNumber)
      let large = NamedTensor(
        name: "large", shape: [4], values: [-3, .infinity, -.infinity, .nan], kind: .wholeNumber)
      var half = long
      half.name = "half"
      var brain = long
      brain.name = "brain"
      try SafeTensors.write(
        [
          .tensor(long), .tensor(half, as: .f16), .tensor(brain, as: .bf16), .tensor(count),
          .tensor(large),
        ], to: path)
      let file = try SafeTensors(contentsOf: path)
      #expect(file.entries.map(\.type) == [.f32, .f16, .bf16, .i64, .i64])
      #expect(
        try file.tensors().prefix(4).map(\.values) == [long, half, brain, count].map(\.values))
      #expect(try file.tensor("num_batches_tracked") == count)
      #expect(try file.bytes("num_batches_tracked") == [12, 0, 0, 0, 0, 0, 0, 0])
      #expect(
        try file.bytes("large")
          == [0xFD] + [UInt8](repeating: 0xFF, count: 7)
          + [UInt8](repeating: 0xFF, count: 7) + [0x7F]
          + [UInt8](repeating: 0, count: 7) + [0x80] + [UInt8](repeating: 0, count: 8))
    }
  }

  @Test("A file read and written again is the same, metadata and whole numbers included")
  func copied() throws {
    try withTemporaryFolder { folder in
      let (first, second) = ("\(folder)/1.safetensors", "\(folder)/2.safetensors")
      try SafeTensors.write(
        [
          .tensor(NamedTensor(name: "w", shape: [2], values: [1, -0.5])),
          .tensor(NamedTensor(name: "n", shape: [], values: [7], kind: .wholeNumber)),
        ], metadata: [("format", "pt"), ("note", "a \"b\"\n")], to: first)
      let file = try SafeTensors(contentsOf: first)
      try SafeTensors.write(
        file.tensors().map { .tensor($0) },
        metadata: file.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, to: second)
      #expect(try bytes(of: first) == bytes(of: second))
    }
  }
}
