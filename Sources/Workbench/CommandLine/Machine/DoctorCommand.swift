import ArgumentParser
import Diffusion
import TUI

/// Looks at the machine, the terminal and the environment.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the machine, the terminal and the environment, and suggest improvements.",
    discussion: """
      Measures matrix products and memory copies for a few seconds: the limits that workbench bench \
      compares with. Close other programs first.
      """,
    version: WorkbenchMain.title)

  @OptionGroup var threads: ThreadOption

  func run() throws {
    threads.apply()
    try BLAS.load()
    for section in Diagnosis.sections {
      try Console.line(section.title)
      let findings = section.findings()
      let width = findings.map(\.name.count).max() ?? 0
      for finding in findings {
        let padding = String(repeating: " ", count: width - finding.name.count)
        try Console.line("  \(finding.name)\(padding)  \(finding.value)")
        if let advice = finding.advice {
          try Console.line("  \(String(repeating: " ", count: width))  → \(advice)")
        }
      }
    }
  }
}
