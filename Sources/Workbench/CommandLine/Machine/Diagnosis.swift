import Diffusion
import Platform
import TUI

/// What `workbench doctor` finds.
struct Diagnosis {
  /// One fact, and what could be better.
  struct Finding: Equatable {
    let name: String
    let value: String
    var advice: String?
  }

  struct Section: Sendable {
    let title: String
    let findings: @Sendable () -> [Finding]
  }

  static let sections: [Section] = [
    Section(title: "machine") { machine() },
    Section(title: "speed") { speed() },
    Section(title: "terminal") { terminal(environment: Console.environment, Console.size) },
    Section(title: "environment") { environment(Console.environment) },
  ]

  // MARK: Machine

  private static func machine() -> [Finding] {
    let machine = Machine.current(program: WorkbenchMain.title)
    let free = machine.load.map { Double(machine.processors) - $0 } ?? .infinity
    let busy =
      "other programs are using the processors: training is slower, and timings are not comparable"
    return [
      Finding(name: "processor", value: machine.processor),
      Finding(name: "processors", value: "\(machine.processors)"),
      Finding(
        name: "threads", value: "\(machine.threads)",
        advice: threadAdvice(machine.threads, processors: machine.processors)),
      Finding(
        name: "load", value: machine.load.map { Numbers.fixed($0, 1) } ?? "unknown",
        advice: free < 0.5 ? busy : nil),
      Finding(
        name: "memory", value: "\(Numbers.fixed(MemoryNeed.machine / 1e9, 1)) GB"),
      Finding(name: "system", value: machine.system),
      Finding(name: "program", value: machine.program, advice: buildAdvice),
    ]
  }

  static func threadAdvice(_ threads: Int, processors: Int) -> String? {
    if threads > processors {
      return "there are more threads than processors; use --threads \(processors)"
    }
    return threads < processors
      ? "\(processors - threads) of \(processors) processors are unused; leave out --threads to use all"
      : nil
  }

  private static var buildAdvice: String? {
    var advice: String?
    assert(
      {
        advice = "this is a debug build, many times slower: scripts/run builds the release"
        return true
      }())
    return advice
  }

  // MARK: Speed

  private static func speed() -> [Finding] {
    let threads = Parallel.threads
    let all = MachineProbe.products().bestSpeed()
    let one = Parallel.onThisThread { MachineProbe.products(workers: 1).bestSpeed() }
    var advice: String?
    if threads > 1, all < 0.6 * Double(threads) * one {
      advice =
        "\(threads) threads are only \(Numbers.fixed(all / one, 1)) times as fast as one: "
        + "processors that share a core, a limit on this program, or other programs"
    }
    return [
      Finding(
        name: "vector instructions", value: KernelLevel.best.title,
        advice: KernelLevel.best == .baseline
          ? "there are no kernels for this processor's vectors; training is several times slower"
          : nil),
      Finding(name: "OpenBLAS", value: "kernels for \(BLAS.kernelName)", advice: BLAS.slowdown),
      Finding(
        name: "matrix products", value: "\(Numbers.fixed(all * 1e-9, 0)) GFLOP/s", advice: advice),
      Finding(name: "on one thread", value: "\(Numbers.fixed(one * 1e-9, 0)) GFLOP/s"),
      Finding(
        name: "memory copies",
        value: "\(Numbers.fixed(MachineProbe.copy().bestSpeed() * 1e-9, 1)) GB/s"),
    ]
  }

  // MARK: Terminal and environment

  static func terminal(
    environment: (String) -> String?, _ size: (columns: Int, rows: Int)
  ) -> [Finding] {
    guard Console.isInteractive else {
      return [
        Finding(
          name: "terminal", value: "none: input or output goes elsewhere",
          advice: "the screens need one; workbench train and --plain do not")
      ]
    }
    let check = TerminalCheck(environment: environment)
    let isSmall = size.columns < 80 || size.rows < 24
    var findings = [
      Finding(name: "type", value: check.type.isEmpty ? "not set" : Wording.escaped(check.type)),
      Finding(
        name: "colours", value: check.colors,
        advice: check.advice.isEmpty ? nil : check.advice.joined(separator: "; ")),
      Finding(
        name: "size", value: "\(size.columns)×\(size.rows)",
        advice: isSmall ? "panels are left out below 80×24" : nil),
    ]
    findings.append(
      Finding(
        name: "encoding", value: Console.isUTF8 ? "UTF-8" : "not UTF-8",
        advice: Console.isUTF8 ? nil : "set LANG=C.UTF-8: images are drawn with half blocks"))
    if environment("TMUX") != nil {
      findings.append(Finding(name: "inside", value: "tmux"))
    }
    return findings
  }

  /// The variables that bear on speed or looks, and are set.
  static func environment(_ environment: (String) -> String?) -> [Finding] {
    let known: [(name: String, advice: String?)] = [
      ("OPENBLAS_CORETYPE", "overrides OpenBLAS's choice of kernels; unset it unless you mean to"),
      (
        "OPENBLAS_NUM_THREADS",
        "has no effect: each product runs on one of our threads; use --threads"
      ),
      ("OMP_NUM_THREADS", "has no effect: use --threads"),
      ("GOTO_NUM_THREADS", "has no effect: use --threads"),
      ("MALLOC_PERTURB_", "fills memory on allocation and release, which is slow; unset it"),
      ("LD_PRELOAD", nil), ("NO_COLOR", nil), ("COLORTERM", nil), ("SSH_CONNECTION", nil),
    ]
    let found = known.compactMap { name, advice in
      environment(name).map {
        Finding(name: name, value: Wording.escaped($0), advice: advice)
      }
    }
    return found.isEmpty
      ? [Finding(name: "variables", value: "none set that affect the program")] : found
  }
}
