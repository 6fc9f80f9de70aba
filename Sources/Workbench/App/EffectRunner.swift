import Diffusion
import Dispatch
import TUI

/// Carries the model's effects out: starts and tells the runs, writes pictures and settings.
///
/// Its runs answer through the mailbox; nothing here waits.
final class EffectRunner: Sendable {
  private let mailbox: Mailbox<Message>
  private let training: TrainingRun
  private let preview: SamplingRun
  private let denoise: SamplingRun
  private let files = DispatchQueue(label: "files")

  init(_ mailbox: Mailbox<Message>) {
    self.mailbox = mailbox
    training = TrainingRun { mailbox.post(.run($0)) }
    preview = SamplingRun(name: "preview") { mailbox.post(.sampling($0, .preview)) }
    denoise = SamplingRun(name: "denoise") { mailbox.post(.sampling($0, .denoise)) }
  }

  /// Begins to train, or to open a model, in the background.
  func start(_ subject: Subject) { training.start(subject) }

  func carryOut(_ effect: Effect) {
    switch effect {
    case .training(let command): training.send(command)
    case .sample(let request, .preview): preview.start(request)
    case .sample(let request, .denoise): denoise.start(request)
    case .export(let request): export(request)
    case .saveSettings(let settings): save(settings)
    case .stopAndQuit:
      preview.cancel()
      denoise.cancel()
      training.send(.stop)
    case .quit, .suspend, .redraw: break  // the loop's own
    }
  }

  private func export(_ request: ExportRequest) {
    files.async { [mailbox] in
      let size = request.format.shape.sampleCount
      let samples = (0..<request.values.count / size).map {
        Array(request.values[$0 * size..<($0 + 1) * size])
      }
      let picture = SamplePicture(
        request.format, enlargement: max(1, 56 / max(request.format.shape.height, 1)))
      do {
        try PNG.write(picture.draw(samples), to: request.path)
        mailbox.post(.notice("samples written to \(request.path)"))
      } catch {
        mailbox.post(.notice("\(error)"))
      }
    }
  }

  private func save(_ settings: Settings) {
    files.async { [mailbox] in
      do {
        try SettingsFile.save(settings)
      } catch {
        mailbox.post(.notice("\(error)"))
      }
    }
  }
}
