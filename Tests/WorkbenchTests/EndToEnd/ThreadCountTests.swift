import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Thread counts", .serialized)
struct ThreadCountTests {
  @Test(
    "one thread and two give the same losses and gradients bit for bit",
    arguments: [("digits", 3), ("swissroll", 20), ("sine", 20)])
  func threads(_ recipe: String, _ steps: Int) throws {
    let runs = try [1, 2].map { threads in
      try withFolder { folder in
        let result = try WorkbenchProgram.run(
          "train", recipe, "--steps", "\(steps)", "--threads", "\(threads)", "--run-dir",
          folder + "/run", "--format", "json")
        try #require(result.status == 0, "\(result.errors)")
        return try result.lines.map { try JSON(parsing: String($0)) }
      }
    }
    for name in ["loss", "gradientNorm"] {
      let numbers = runs.map { run in run.map { $0[name]?.double?.bitPattern } }
      #expect(numbers[0].count == steps)
      #expect(!numbers[0].contains(nil))
      #expect(numbers[0] == numbers[1], "\(name) of \(recipe)")
    }
  }
}
