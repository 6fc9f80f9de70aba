import Foundation
import Testing

@Suite("Fixtures")
struct FixtureTests {
  @Test("numbers, shapes and words come out as they were written")
  func reading() throws {
    let header = """
      {"__metadata__":{"from":"here"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},\
      "b":{"dtype":"I64","shape":[1],"data_offsets":[8,16]},\
      "c":{"dtype":"F64","shape":[],"data_offsets":[16,24]}}
      """
    var bytes = Data()
    func append(_ value: some BitwiseCopyable) {
      withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
    append(UInt64(header.utf8.count))
    bytes.append(contentsOf: header.utf8)
    append(Float(1.5))
    append(Float(-2))
    append(Int64(-7))
    append(0.1)
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors")
    try bytes.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }

    let fixture = try Fixture(contentsOf: url)
    #expect(fixture.names == ["a", "b", "c"])
    #expect(fixture.metadata == ["from": "here"])
    #expect(try fixture.shape("a") == [1, 2])
    #expect(try fixture.floats("a") == [1.5, -2])
    #expect(try fixture.doubles("a") == [1.5, -2])
    #expect(try fixture.ints("b") == [-7])
    #expect(try fixture.doubles("c") == [0.1])
    #expect(throws: Fixture.Problem.self) { try fixture.floats("b") }
    #expect(throws: Fixture.Problem.self) { try fixture.floats("d") }
  }
}
