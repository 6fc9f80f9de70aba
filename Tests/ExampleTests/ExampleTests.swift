import Foundation
import Testing

/// The programs in Examples, each with few steps.
@Suite("The examples")
struct ExampleTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("train on digits and write a grid of samples")
  func trainDigits() throws {
    try withFile { file in
      let output = try run("TrainDigits", "2", file)
      #expect(output.contains("step 2  loss "))
      #expect(try imageSize(file) == [8 * 58 + 2, 8 * 58 + 2])
    }
  }

  @Test("a layer of one's own is in the network's summary and learns")
  func customLayer() throws {
    try withFile { file in
      let output = try run("CustomLayer", "2000", file)
      #expect(output.contains("RMSNorm  block2.norm  (1, 1, 1, 64)"))
      let losses = output.split(separator: "\n").filter { $0.hasPrefix("step ") }
        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
      #expect(losses.count == 2)
      #expect(losses.allSatisfy { $0 < 0.6 })
      #expect(try imageSize(file) == [512, 512])
    }
  }

  @Test("the error of the two-step sampler falls with the square of the step, DDIM's with the step")
  func customSampler() throws {
    let errors = try run("CustomSampler", "40").split(separator: "\n").map { line in
      line.split { !"0123456789.e-".contains($0) }.compactMap { Double($0) }
    }
    #expect(errors.map(\.first) == [5, 10, 20, 40])
    let (coarse, fine) = (errors[2], errors[3])
    #expect(fine[1] > coarse[1] / 3)
    #expect(fine[2] < coarse[2] / 3)
  }

  @Test("draw samples from a diffusers folder")
  func sampleFolder() throws {
    let folder = Self.root.appending(path: "Tests/Fixtures/diffusers-tiny").path
    try withFile { file in
      let output = try run("SampleFolder", folder, "2", file)
      #expect(output.contains("16 samples"))
      #expect(try imageSize(file).count == 2)
    }
  }

  @Test("README shows the program that trains")
  func readme() throws {
    let source = try String(
      contentsOf: Self.root.appending(path: "Examples/TrainDigits/main.swift"), encoding: .utf8)
    let code = try #require(source.range(of: "import Diffusion")).lowerBound
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    let found = readme.contains("```swift\n\(source[code...])```\n")
    #expect(found, "README.md does not have the text of Examples/TrainDigits/main.swift")
  }

  // MARK: Running them

  /// Runs an example that was built together with these tests, and returns what it printed.
  private func run(_ name: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = Self.program(name)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }

  /// Beside the tests, or beside the bundle they are in.
  private static func program(_ name: String) -> URL {
    for path in [Bundle.main.executablePath].compactMap(\.self) + CommandLine.arguments {
      var folder = URL(fileURLWithPath: path)
      while folder.path != "/" {
        folder.deleteLastPathComponent()
        let program = folder.appending(path: name)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: program.path, isDirectory: &isFolder),
          !isFolder.boolValue
        {
          return program
        }
      }
    }
    preconditionFailure("\(name) was not built")
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: file) }
    try body(file.path)
  }

  /// Width and height, from the header of a PNG file.
  private func imageSize(_ path: String) throws -> [Int] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    try #require(bytes.count > 24 && bytes[1...3].elementsEqual("PNG".utf8))
    return [16, 20].map { bytes[$0..<$0 + 4].reduce(0) { $0 << 8 | Int($1) } }
  }
}
