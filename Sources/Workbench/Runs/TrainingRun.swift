import Diffusion
import Dispatch

/// A training job on its own serial background queue: commands in, events out.
///
/// Everything that is not `Sendable`, the trainer first of all, is born on the queue and dies there.
final class TrainingRun: Sendable {
  private let queue = DispatchQueue(label: "training")
  private let inbox = Inbox<RunCommand>()
  private let post: @Sendable (RunEvent) -> Void

  init(post: @escaping @Sendable (RunEvent) -> Void) { self.post = post }

  /// Begins; the first event follows at once, whatever the data costs to load.
  func start(_ subject: Subject) {
    queue.async { [post, inbox] in
      post(.phase(.preparing))
      do {
        switch subject {
        case .training(let job):
          try TrainingLoop(job, inbox: inbox, post: post).run()
        case .model(let path): Self.show(try Model(contentsOf: path), inbox: inbox, post: post)
        }
      } catch {
        post(.failed("\(error)"))
      }
    }
  }

  /// Asks for something, which happens between two steps.
  func send(_ command: RunCommand) { inbox.put(command) }

  /// Sleeps until the run has ended.
  func waitUntilDone() { queue.sync {} }

  /// Hands out a model that is not trained, as often as it is asked for.
  private static func show(
    _ model: Model, inbox: Inbox<RunCommand>, post: @Sendable (RunEvent) -> Void
  ) {
    post(
      .started(
        RunFacts(
          format: model.format, parameterCount: model.network.parameterCount, parent: model.parent,
          slowdown: BLAS.slowdown)))
    post(.model(model))
    post(.phase(.finished))
    while true {
      for command in inbox.wait() {
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
enum Subject: Sendable {
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
  /// The run, file or folder whose weights it starts from, or nil.
  var parent: String?
}
