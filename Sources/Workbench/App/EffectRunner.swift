import Diffusion
import Dispatch
import Synchronization
import TUI

/// Carries effects out: starts and controls runs, computes for screens, writes images and settings.
///
/// Its runs answer through the mailbox; nothing here waits.
final class EffectRunner: Sendable {
  private struct Runs {
    var training: TrainingRun?
    /// The number of its session.
    var session = 0
    /// Earlier runs, which may still be saving.
    var ended: [TrainingRun] = []
    var sampling: [SampleSlot: SamplingRun] = [:]
    /// Whether the program ends, so that nothing is begun that would have to be waited for.
    var isLeaving = false
  }

  private let mailbox: Mailbox<Message>
  private let runs = Mutex(Runs())
  private let precedence = Precedence()
  /// Limits the time of samples that nobody waits for.
  private let pace = Pace(rest: 0)
  private let background = DispatchQueue(label: "background", attributes: .concurrent)
  /// Exported samples and settings, one after another.
  private let files = DispatchQueue(label: "files")

  /// What reads and writes the user's settings.
  private let keeper: SettingsKeeper

  /// Without a `keeper` no settings are kept.
  init(_ mailbox: Mailbox<Message>, keeper: SettingsKeeper? = nil) {
    self.mailbox = mailbox
    self.keeper = keeper ?? SettingsKeeper(path: nil) { mailbox.post($0) }
  }

  /// Begins to train, or to open a model, as the session with this number.
  func start(_ subject: Workload, session: Int) {
    let run = TrainingRun(precedence: precedence) { [weak self, mailbox] event in
      self?.follow(event, session: session)
      mailbox.post(.run(event, session: session))
    }
    runs.withLock { runs in
      for sampling in runs.sampling.values { sampling.cancel() }
      if let earlier = runs.training { runs.ended.append(earlier) }
      (runs.training, runs.session) = (run, session)
    }
    run.start(subject)
  }

  /// Lets samples that nobody waits for yield to the run, unless it is an earlier one that still saves.
  private func follow(_ event: RunEvent, session: Int) {
    guard runs.withLock({ $0.session }) == session else { return }
    switch event {
    case .phase(let phase): pace.yields(phase == .training)
    case .failed: pace.yields(false)
    default: break
    }
  }

  func carryOut(_ effect: Effect) {
    switch effect {
    case .training(let command): tell(command)
    case .sample(let request, let slot): sampling(slot)?.start(request)
    case .compute(let screen, let compute):
      background.async { [mailbox] in mailbox.post(.computed(compute(), screen: screen)) }
    case .export(let request): export(request)
    case .saveRecipe(let recipe, let name):
      attempt { [mailbox] in
        let path = try RecipeFile.save(recipe, as: name)
        mailbox.post(
          .notice("recipe \(RecipeLibrary.name(ofFile: path)) saved among the recipes · \(path)"))
      }
    case .saveSetting(let key, let value): keeper.save(key, value)
    case .threads(let count): Parallel.threads = count
    case .open(let opening):
      let ended = runs.withLock { $0.ended }
      background.async { [mailbox] in
        // Whoever opens a run that is still being saved sees what it saves.
        for run in ended { run.waitUntilDone() }
        do {
          let (subject, recipe) = try Workload.opening(opening)
          mailbox.post(.opened(subject, recipe, opening))
        } catch {
          mailbox.post(.problem("\(error)"))
        }
      }
    case .forgetInterruption(let folder): background.async { RunLock.remove(from: folder) }
    case .stopAndQuit:
      stopSampling()
      tell(.stop)
    case .stay: runs.withLock { $0.isLeaving = false }
    case .offerModel, .show, .type, .enlarge, .message, .ask, .choose, .quit, .suspend, .redraw,
      .mouse:
      break  // the application's own
    }
  }

  private func tell(_ command: RunCommand) {
    let (run, ended) = runs.withLock { ($0.training, $0.ended) }
    run?.send(command)
    // Who gives up a run gives up those before it that cannot be saved.
    if case .abandon = command { for run in ended { run.send(command) } }
  }

  private func stopSampling() {
    runs.withLock { runs in
      runs.isLeaving = true
      for sampling in runs.sampling.values { sampling.cancel() }
    }
  }

  /// The sampling run of a slot; nil where the program ends.
  private func sampling(_ slot: SampleSlot) -> SamplingRun? {
    runs.withLock { [mailbox] runs in
      if runs.isLeaving { return nil }
      if let run = runs.sampling[slot] { return run }
      let run = SamplingRun(
        name: slot.name, precedence: precedence, pace: slot.yieldsToTraining ? pace : nil,
        isCrowded: { mailbox.count > Message.manyWaiting },
        post: { mailbox.post(.sampling($0, slot)) })
      runs.sampling[slot] = run
      return run
    }
  }

  private func export(_ request: ExportRequest) {
    attempt { [mailbox] in
      var files = [request.path]
      if let track = Soundtrack(request.samples, request.format) {
        files.insert(request.soundPath, at: 0)
        try track.write(to: request.soundPath)
      }
      let renderer = SampleRenderer(
        request.format, enlargement: max(1, 56 / max(request.format.shape.height, 1)))
      try PNG.write(renderer.render(request.samples), to: request.path)
      mailbox.post(.notice("samples written to \(files.joined(separator: " and "))"))
    }
  }

  /// Waits until all requested files are written, and briefly for other computations.
  func finish() {
    stopSampling()
    let deadline = DispatchTime.now() + 0.5
    files.sync {}
    keeper.finish()
    for sampling in runs.withLock({ Array($0.sampling.values) })
    where !sampling.waitUntilDone(deadline) {
      return
    }
  }

  /// Writes a file; what goes wrong becomes a notice.
  private func attempt(_ body: @escaping @Sendable () throws -> Void) {
    files.async { [mailbox] in
      do {
        try body()
      } catch {
        mailbox.post(.notice("\(error)"))
      }
    }
  }
}
