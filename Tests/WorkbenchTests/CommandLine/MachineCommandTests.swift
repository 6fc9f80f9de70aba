import Diffusion
import Foundation
import Testing

@testable import Workbench

@Suite("The machine's speed on the command line")
struct MachineCommandTests {
  @Test(
    "without OpenBLAS what computes says so in a sentence",
    arguments: [
      ["doctor"], ["train", "swissroll", "--steps", "1"],
      ["sample", "exact:moons", "--out", "a.png"],
    ])
  func withoutOpenBLAS(_ arguments: [String]) throws {
    try withFolder { folder in
      // Found before the real one, and no library.
      try Data("no library".utf8).write(to: URL(filePath: "\(folder)/libopenblas.so.0"))
      let result = try RunningCommand(
        arguments, in: folder, environment: ["LD_LIBRARY_PATH": folder]
      ).finish()
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("workbench: OpenBLAS cannot be loaded: "))
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }

  @Test("doctor says what the machine and the terminal are")
  func doctor() throws {
    let result = try WorkbenchProgram.run("doctor")
    #expect(result.status == 0, "\(result.errors)")
    for section in ["machine", "speed", "terminal", "environment"] {
      #expect(result.lines.contains { $0 == section })
    }
    #expect(
      result.lines.contains { $0.hasPrefix("  matrix products ") && $0.hasSuffix(" GFLOP/s") })
    #expect(result.output.contains("none: input or output goes elsewhere"))
  }

  @Test("variables that slow the program down are told with what to do")
  func environment() {
    let found = Diagnosis.environment { $0 == "OPENBLAS_CORETYPE" ? "Has\u{1B}well" : nil }
    #expect(found.map(\.name) == ["OPENBLAS_CORETYPE"])
    #expect(found[0].value == "Has\\u{1b}well")
    #expect(found[0].advice?.contains("unset it") == true)
    #expect(Diagnosis.environment { _ in nil }.map(\.value) == ["none set that affect the program"])
  }

  @Test("threads that do not fit the processors are told")
  func threads() {
    #expect(Diagnosis.threadAdvice(2, processors: 2) == nil)
    #expect(Diagnosis.threadAdvice(4, processors: 2)?.hasSuffix("--threads 2") == true)
    #expect(Diagnosis.threadAdvice(1, processors: 2)?.hasPrefix("1 of 2 processors") == true)
  }

  @Test("bench shows a step by kind and layer by layer")
  func profile() throws {
    let result = try WorkbenchProgram.run(
      "bench", "swissroll", "--seconds", "1", "--profile", "--threads", "1")
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.lines
    #expect(lines.contains { $0.hasPrefix("recipe ") && $0.contains("swissroll, batch ") })
    #expect(lines.contains { $0.hasPrefix("the fastest step: layers ") })
    let kinds = try #require(lines.firstIndex { $0.hasPrefix("layers ") })
    let layers = try #require(lines.firstIndex { $0.hasPrefix("layer ") })
    #expect(lines[kinds..<layers].contains { $0.hasPrefix("Linear ") })
    #expect(lines[kinds..<layers].contains { $0.hasPrefix("weight update ") })
    #expect(lines[layers...].filter { $0.hasPrefix("Linear ") }.count > 3)
  }

  @Test("bench writes JSON, and nothing else")
  func json() throws {
    let result = try WorkbenchProgram.run(
      "bench", "swissroll", "--seconds", "1", "--profile", "--format", "json")
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(object["recipe"] as? String == "swissroll")
    #expect((object["milliseconds"] as? Double ?? 0) > 0)
    #expect((object["layers"] as? [Any])?.isEmpty == false)
  }

  @Test("bench refuses what it cannot train")
  func refused() throws {
    let result = try WorkbenchProgram.run("bench", "nothing-of-that-name")
    #expect(result.status == 64)
    #expect(result.errors.contains("nothing-of-that-name"))
    #expect(try WorkbenchProgram.run("bench", "--seconds", "0").status == 64)
  }
}
