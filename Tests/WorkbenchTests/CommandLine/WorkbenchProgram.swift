import Foundation

/// What a finished command left behind.
struct CommandResult {
  let status: Int32
  let output: String
  let errors: String

  var lines: [Substring] { output.split(separator: "\n") }
}

/// Runs the program that was built together with these tests.
enum WorkbenchProgram {
  /// Beside the tests, or beside the bundle they are in.
  static let path: String = {
    for path in [Bundle.main.executablePath].compactMap({ $0 }) + CommandLine.arguments {
      var folder = URL(fileURLWithPath: path)
      while folder.path != "/" {
        folder.deleteLastPathComponent()
        let program = folder.appendingPathComponent("workbench").path
        if FileManager.default.isExecutableFile(atPath: program) { return program }
      }
    }
    return "workbench"
  }()

  static func start(_ arguments: [String], in folder: String? = nil) throws -> RunningCommand {
    try RunningCommand(arguments, in: folder)
  }

  static func run(_ arguments: String..., in folder: String? = nil) throws -> CommandResult {
    try start(arguments, in: folder).finish()
  }
}

/// A command that was started, its output going to files so that no pipe can fill up.
final class RunningCommand {
  let process = Process()
  private let output: URL
  private let errors: URL
  private let input: URL

  /// Standard input has `input`, or nothing.
  init(
    _ arguments: [String], in folder: String?, program: String = WorkbenchProgram.path,
    input text: String = "", environment: [String: String] = [:]
  ) throws {
    let base = FileManager.default.temporaryDirectory
      .appendingPathComponent("workbench-\(UUID().uuidString)")
    output = base.appendingPathExtension("out")
    errors = base.appendingPathExtension("err")
    input = base.appendingPathExtension("in")
    for file in [output, errors] { try Data().write(to: file) }
    try Data(text.utf8).write(to: input)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = try FileHandle(forReadingFrom: input)
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  deinit {
    for file in [output, errors, input] { try? FileManager.default.removeItem(at: file) }
  }

  /// What was written so far.
  var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

  /// Waits for the end, which it brings about where that takes more than a minute.
  func finish() throws -> CommandResult {
    let deadline = Date() + 60
    while process.isRunning, Date() < deadline { usleep(2000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    // As a shell counts: 128 more for an end by a signal.
    let offset: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
    return CommandResult(
      status: process.terminationStatus + offset, output: outputSoFar,
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

/// A folder of its own for one test, gone afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("workbench-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
