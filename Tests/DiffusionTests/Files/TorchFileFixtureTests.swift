import Foundation
import Testing

@testable import Diffusion

@Suite("Files that PyTorch wrote")
struct TorchFileFixtureTests {
  private static let folder = Fixture.folder.appending(path: "pth")

  private func open(_ name: String) throws -> TorchFile {
    try TorchFile(contentsOf: Self.folder.appending(path: name).path)
  }

  @Test(
    "Every tensor has PyTorch's shape and numbers",
    arguments: ["plain.pt", "protocol4.pt", "state.pth", "parameters.pth", "nested.pth"])
  func numbers(_ name: String) throws {
    let expected = try Fixture(
      contentsOf: Self.folder.appending(path: "expected.safetensors"))
    let stem = name == "protocol4.pt" ? "plain" : String(name.prefix { $0 != "." })
    let tensors = try open(name).tensors()
    #expect(
      tensors.map { "\(stem).\($0.name)" }.sorted()
        == expected.names.filter { $0.hasPrefix("\(stem).") })
    for tensor in tensors {
      let full = "\(stem).\(tensor.name)"
      #expect(try tensor.shape == expected.shape(full), "\(full)")
      let isWhole = tensor.kind == .wholeNumber
      let values = try isWhole ? expected.ints(full).map { Float($0) } : numbers(expected, full)
      #expect(tensor.values == values, "\(full)")
    }
  }

  /// Those of the expected tensors that the fixture reader has no type for are read by our own.
  private func numbers(_ expected: Fixture, _ name: String) throws -> [Float] {
    if let floats = try? expected.floats(name) { return floats }
    let path = Self.folder.appending(path: "expected.safetensors").path
    return try SafeTensors(contentsOf: path).tensor(name).values
  }

  @Test("The keys around a state dict lead to it")
  func nested() throws {
    let file = try open("nested.pth")
    #expect(file.groups.map(\.key) == ["model"])
    #expect(try file.tensors(in: "model") == file.tensors())
  }

  @Test(
    "Whole modules, code and the legacy format are refused with a command that converts them",
    arguments: [
      ("module.pt", "holds a Python object, “torch.nn."),
      ("hostile.pt", "holds a Python object, “"),
      ("plain-legacy.pt", "is a pickle, as PyTorch wrote it before version 1.6"),
      ("nested-legacy.pth", "is a pickle"), ("hostile-legacy.pt", "is a pickle"),
    ])
  func refused(_ name: String, _ beginning: String) throws {
    let error = try #require(fileError { try open(name) })
    #expect(error.problem.hasPrefix(beginning), "\(error.problem)")
    #expect(error.problem.contains("\npython3 -c \"import sys, torch"))
  }
}
