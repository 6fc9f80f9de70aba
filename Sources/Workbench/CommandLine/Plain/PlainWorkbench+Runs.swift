import Diffusion
import TUI

/// The runs in the folder, and new ones.
extension PlainWorkbench {
  static let runCommands: [PlainCommand] = [
    PlainCommand("Runs", "runs", help: "list the runs, the newest first") { plain, _ in
      plain.sayRuns()
    },
    PlainCommand("Runs", "recipes", help: "list the recipes") { plain, _ in plain.sayRecipes() },
    PlainCommand(
      "Runs", "start", arguments: "RECIPE", help: "save the current run and start one of a recipe"
    ) {
      plain, words in
      guard let name = words.first else {
        throw PlainProblem("start: expected a recipe; recipes lists them")
      }
      plain.open(.recipe(name))
    },
    PlainCommand(
      "Runs", "open", arguments: "RUN", help: "save the current run and open this one, paused"
    ) {
      plain, words in
      let run = try plain.run(named: words.first)
      if let problem = run.problem { throw PlainProblem(problem) }
      guard !plain.isOpen(run) else { return plain.say("\(run.name) is open") }
      guard run.hasCheckpoint else {
        throw PlainProblem("\(run.name) has no checkpoint to resume from")
      }
      plain.open(.run(run.folder))
    },
    PlainCommand(
      "Runs", "fork", arguments: "RUN [SECTION.KEY=VALUE ...] [weights=new]",
      help:
        "start a new run with the recipe of this one, changed, from its weights or from new ones"
    ) { plain, words in try plain.fork(words) },
    PlainCommand(
      "Runs", "compare", arguments: "RUN RUN ...",
      help: "say in which settings runs differ, and their losses"
    ) { plain, words in try plain.compareRuns(words) },
    PlainCommand("Runs", "rename", arguments: "RUN NAME", help: "give a run another name") {
      plain, words in
      guard words.count == 2 else { throw PlainProblem("rename: expected a run and its new name") }
      plain.afterSaving { plain in
        let run = try plain.run(named: words[0])
        try plain.select(run)
        try plain.set(RunsScreen.nameKey(of: run), to: words[1])
      }
    },
    PlainCommand("Runs", "delete", arguments: "RUN", help: "delete a run, after asking") {
      plain, words in
      plain.afterSaving { plain in
        try plain.select(try plain.run(named: words.first))
        plain.act(RunsScreen.own(RunsScreen.Command.delete))
      }
    },
  ]

  /// Does something with a run when all runs that were open before are saved.
  private mutating func afterSaving(_ body: @escaping (inout PlainWorkbench) throws -> Void) {
    wait = Wait(until: { $0.application.endingRuns == 0 }).then { plain in
      do {
        try body(&plain)
      } catch {
        plain.say("\(error)")
      }
    }
  }

  /// Reads the folder and selects a run of the list.
  private mutating func select(_ run: RunSummary) throws {
    turn(to: RunsScreen.title)
    carryOut(RunsScreen.readingFolder)
    with(RunsScreen.self) { runs, _ in
      runs.focus.panel = .list
      runs.select(run)
      return []
    }
    guard screen(RunsScreen.self)?.run?.folder == run.folder else {
      throw PlainProblem("\(run.folder.path) is not in \(RunFolder.standardParent)")
    }
  }

  /// Types the selected run's new name.
  private mutating func set(_ key: String, to name: String) throws {
    do {
      try with(RunsScreen.self) { (runs, session) throws in
        try runs.rename(key, to: name, session)
      }
    } catch {
      throw PlainProblem("\(error)")
    }
  }

  private func isOpen(_ run: RunSummary) -> Bool {
    screen(RunsScreen.self)?.isOpen(run, session) ?? false
  }

  /// The run of a name or a path.
  private func run(named name: String?) throws -> RunSummary {
    guard let name else { throw PlainProblem("expected the name of a run; runs lists them") }
    let runs = RunSummary.all(in: RunFolder.standardParent)
    if let run = runs.first(where: { $0.name == name }) { return run }
    let folder = RunFolder(path: name)
    if folder.isRun {
      return runs.first { $0.place == folder.place } ?? RunSummary(reading: folder)
    }
    let near = Wording.nearest(to: name, in: runs.map(\.name))
    throw PlainProblem(
      "there is no run \(Wording.quoted(name)); "
        + (near.map { "did you mean \($0)?" } ?? "runs lists them"))
  }

  mutating func resume(_ name: String) throws {
    let run = try run(named: name)
    if let problem = run.problem { throw PlainProblem(problem) }
    guard !isOpen(run) else {
      if session.phase == .paused { return act(.togglePause) }
      throw PlainProblem("\(run.name) is open, and it is \(phaseText)")
    }
    guard run.hasCheckpoint else {
      throw PlainProblem("\(run.name) has no checkpoint to resume from")
    }
    if let writer = run.writer {
      throw PlainProblem("\(RunError.inUse(run.folder.path, process: writer))")
    }
    open(.resume(run.folder))
  }

  private mutating func sayRuns() {
    let runs = RunSummary.all(in: RunFolder.standardParent)
    if runs.isEmpty { return say("no runs yet; start begins one") }
    for run in runs {
      if let problem = run.problem {
        say("\(run.name): damaged: \(problem)")
        continue
      }
      let total = run.totalSteps.map { " of \(Numbers.grouped($0))" } ?? ""
      let parts = [
        run.step.map { "step \(Numbers.grouped($0))\(total)" } ?? "no steps",
        run.loss.map { "loss \(Numbers.fixed($0, 4))" },
        run.seconds.map { "\(Numbers.duration($0)) of training" },
        "\(run.network) on \(run.data)", run.lastModified,
        run.hasCheckpoint ? nil : "no checkpoint",
        isOpen(run) ? "open" : run.writer.map { "used by process \($0)" },
      ]
      say("\(run.name): \(parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", "))")
    }
  }

  private mutating func sayRecipes() {
    for recipe in RecipeLibrary.entries() { say("\(recipe.name): \(recipe.summary)") }
  }

  private mutating func fork(_ words: [String]) throws {
    let run = try run(named: words.first)
    var draft = RunDraft(reading: run.folder)
    if let problem = draft.problem { throw PlainProblem(problem) }
    for word in words.dropFirst() {
      if word == "weights=new" {
        draft.keepsWeights = false
        continue
      }
      let change = try RecipeOverride(set: word, option: "fork")
      guard let info = draft.recipe.setting(change.key) else {
        throw PlainProblem("\(word): there is no setting \(change.key) in the recipe")
      }
      let text = word[word.index(after: word.firstIndex(of: "=") ?? word.startIndex)...]
      do {
        try info.type(String(text)) { (value) throws(SettingError) in
          try draft.recipe.set(change.key, to: value)
        }
      } catch {
        throw PlainProblem("\(change.key): \(error)")
      }
    }
    open(.new(draft.recipe, from: draft.keepsWeights ? draft.parent : nil))
  }

  private mutating func compareRuns(_ words: [String]) throws {
    guard words.count > 1 else { throw PlainProblem("compare: expected two runs or more") }
    let runs = try words.map { try run(named: $0) }
    let recipes = try runs.map { try $0.folder.currentRecipe() }
    for run in runs {
      say(
        "\(run.name): step \(run.step.map { Numbers.grouped($0) } ?? "0"), loss "
          + (run.loss.map { Numbers.fixed($0, 4) } ?? "unknown"))
    }
    for (run, other) in zip(runs.dropFirst(), recipes.dropFirst()) {
      if other.differences(from: recipes[0]).isEmpty {
        say("\(run.name) has the settings of \(runs[0].name)")
      }
      for line in recipes[0].differences(from: other) { say("\(runs[0].name): \(line)") }
      for line in other.differences(from: recipes[0]) { say("\(run.name): \(line)") }
    }
  }
}
