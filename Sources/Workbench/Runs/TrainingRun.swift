import Diffusion
import Dispatch

/// A training job on its own serial background queue: commands in, events out.
///
/// Everything that is not `Sendable`, the trainer first of all, is born on the queue and dies there.
final class TrainingRun: Sendable {
  private let queue = DispatchQueue(label: "training")
  private let commands = CommandQueue<RunCommand>()
  private let post: @Sendable (RunEvent) -> Void
  private let precedence: Precedence

  init(precedence: Precedence = Precedence(), post: @escaping @Sendable (RunEvent) -> Void) {
    (self.precedence, self.post) = (precedence, post)
  }

  /// Begins; the first event follows at once, whatever the data costs to load.
  func start(_ subject: Workload) {
    queue.async { [post, commands, precedence] in
      post(.phase(.preparing))
      do {
        switch subject {
        case .training(let job):
          guard
            let loop = try Self.loop(job, commands: commands, precedence: precedence, post: post)
          else { return }
          try loop.run()
        case .model(let path):
          Self.show(try Model(contentsOf: path), commands: commands, post: post)
        }
      } catch {
        post(.failed("\(error)"))
      }
    }
  }

  /// Asks for something, which happens between two steps.
  func send(_ command: RunCommand) { commands.put(command) }

  /// Sleeps until the run has ended.
  func waitUntilDone() { queue.sync {} }

  /// The loop of a job; a run that is only opened and cannot go on, because its data is gone, shows its
  /// model instead, and is over when this returns nil.
  private static func loop(
    _ job: TrainingJob, commands: CommandQueue<RunCommand>, precedence: Precedence,
    post: @escaping @Sendable (RunEvent) -> Void
  ) throws -> TrainingLoop? {
    guard job.startsPaused, case .resume(let folder) = job.place else {
      return try TrainingLoop(job, commands: commands, precedence: precedence, post: post)
    }
    do {
      return try TrainingLoop(job, commands: commands, precedence: precedence, post: post)
    } catch {
      let model = try Model(contentsOf: folder.path)
      show(
        model, history: (try? folder.history(upTo: model.step)) ?? [], folder: folder,
        problem: "this run cannot be resumed: \(error)", commands: commands, post: post)
      return nil
    }
  }

  /// Hands out a model that is not trained, as often as it is requested.
  private static func show(
    _ model: Model, history: [StepRecord] = [], folder: RunFolder? = nil, problem: String? = nil,
    commands: CommandQueue<RunCommand>, post: @Sendable (RunEvent) -> Void
  ) {
    post(
      .started(
        RunFacts(
          format: model.format, parameterCount: model.network.parameterCount,
          folder: folder?.path, place: folder?.place,
          completedSteps: folder == nil ? 0 : model.step,
          totalSteps: model.step,
          history: history, parent: model.parent, problem: problem, slowdown: BLAS.slowdown)))
    post(.model(model))
    post(.phase(.finished))
    while true {
      for command in commands.wait() {
        switch command {
        case .snapshot: post(.model(model))
        case .stop: return post(.phase(.stopped))
        default: break
        }
      }
    }
  }
}

/// What the program is about.
enum Workload: Sendable {
  case training(TrainingJob)
  /// A model at this path, which only makes samples.
  case model(String)
}

/// What to train, and where its files are.
struct TrainingJob: Sendable {
  /// Where a run keeps its files, and whether it goes on from there.
  enum Place: Sendable {
    /// A new folder in this one.
    case newFolder(in: String)
    /// A new folder at this path.
    case folder(RunFolder)
    /// A folder with a checkpoint to go on from.
    case resume(RunFolder)
  }

  var recipe: Recipe
  var place: Place
  /// Whether a resumed run waits for a command before it trains.
  var startsPaused = false
  /// Whether it is held back where it would be over before anybody has seen it.
  var limitsSpeed = false
  /// The run, file or folder whose weights it starts from, or nil.
  var parent: String?
}
