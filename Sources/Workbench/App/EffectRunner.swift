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

  /// Begins to train in the background.
  func start(_ configuration: RunConfiguration, at place: TrainingRun.Place) {
    training.start(configuration, at: place)
  }

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
      let size = request.shape.sampleCount
      let samples = (0..<request.shape.batch).map {
        Array(request.values[$0 * size..<($0 + 1) * size])
      }
      let picture = SamplePicture(
        kind: request.kind, shape: request.shape.with(batch: 1), range: request.range,
        enlargement: max(1, 56 / max(request.shape.height, 1)))
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
