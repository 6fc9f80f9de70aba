import Diffusion
import TUI
import Testing

@testable import Workbench

@Suite("Keys")
struct KeyTests {
  private static let sizes = [
    Size(40, 12), Size(60, 20), Size(80, 24), Size(120, 40), Size(200, 60),
  ]

  @Test("no key means two things in one context, not even one for everywhere and one of a panel")
  func oneMeaning() throws {
    var stage = try Stage.training(.sine)
    for index in stage.application.screens.indices {
      stage.application.current = index
      for _ in 0..<8 {
        stage.press(.tab)
        let contexts = stage.application.keyContexts
        var meanings: [Key: Action] = [:]
        for binding in stage.application.keys.bindings
        where binding.contexts.isEmpty || !binding.contexts.isDisjoint(with: contexts) {
          for key in binding.keys {
            let before = meanings.updateValue(binding.action, forKey: key)
            #expect(
              before == nil || before == binding.action,
              "\(key.label) in \(contexts.map(\.name).sorted())")
          }
        }
      }
    }
  }

  @Test("a letter or sign means the same wherever it means anything")
  func sameEverywhere() {
    var meanings: [Key: Set<Action>] = [:]
    for binding in KeyMap<Action, KeyContext>.workbench.bindings where binding.group != "Dialogs" {
      for case .character(let character) in binding.keys {
        meanings[.character(character), default: []].insert(binding.action)
      }
    }
    #expect(meanings.count > 25)
    for (key, actions) in meanings { #expect(actions.count == 1, "\(key.label): \(actions)") }
  }

  @Test("every panel can have the keys, is then in sight, and can be zoomed", arguments: sizes)
  func panels(_ size: Size) throws {
    var stage = try Stage.training(.digits)
    _ = stage.drawn(size.width, size.height)
    for index in stage.application.screens.indices {
      stage.application.current = index
      check(stage.application.screens[index], in: stage.application.layout.body)
    }
  }

  private func check<S: Screen>(_ screen: S, in body: Rect) {
    let all = Set(screen.layout(in: Rect(x: 0, y: 1, width: 250, height: 70)).map(\.panel))
    #expect(all.isSubset(of: screen.panels), "\(S.title)")
    for panel in screen.panels {
      var screen = screen
      screen.focus.panel = panel
      let places = screen.places(in: body)
      #expect(places.contains { $0.panel == panel && !$0.area.isEmpty }, "\(S.title): \(panel)")
      screen.focus.isZoomed = true
      // The timeline may stay below.
      #expect(screen.places(in: body).first?.panel == panel)
    }
  }

  private func hint(_ stage: Stage, _ key: Key) -> String? {
    stage.application.hints.first { $0.key == key }?.hint.label
  }

  @Test("hints tell what a key does now, and only of keys that do something")
  func hints() throws {
    var stage = try Stage.training(.digits)
    #expect(hint(stage, "p") == "pause" && hint(stage, " ") == "stop")
    stage.send([.of(.phase(.paused))])
    stage.press(" ")
    #expect(hint(stage, "p") == "resume" && hint(stage, " ") == "play")
    stage.send([.of(.phase(.finished))])
    #expect(hint(stage, "p") == nil && hint(stage, "w") == nil)
    stage.press(.character("4"))
    #expect(hint(stage, " ") == nil && hint(stage, "e") == nil)
    stage.press("z")
    #expect(hint(stage, "z") == "unzoom")
  }

  @Test("hints follow what lies on top")
  func hintsOnTop() throws {
    var stage = try Stage.training(.digits)
    stage.press(.tab, .tab, .enter)
    #expect(stage.application.overlay == .typing("optimizer.learning_rate"))
    #expect(stage.application.hints.map(\.hint.label) == ["apply", "cancel"])
    stage.press(.escape, ":")
    #expect(stage.application.hints.map(\.hint.label) == ["choose", "close", "line"])
    stage.press(.escape, "l")
    #expect(stage.application.hints.map(\.hint.label) == ["go to the step", "close", "line"])
  }

  @Test("p pauses training on every screen, space plays what is in view")
  func samePauseEverywhere() throws {
    var stage = try Stage.denoising(.digits)
    for screen: Key in ["1", "2", "3", "4", "5", "6"] {
      stage.press(screen)
      let before = stage.effects.commands.count
      stage.press("p")
      guard case .pause = stage.effects.commands.last else {
        Issue.record("p does not pause on screen \(screen.label)")
        continue
      }
      #expect(stage.effects.commands.count == before + 1)
    }
    stage.press("1")
    let count = stage.effects.commands.count
    stage.press(" ")
    #expect(!stage.application.train.plays && stage.application.train.tickInterval == nil)
    stage.press("2", " ")
    #expect(stage.application.denoise.isPlaying)
    #expect(stage.effects.commands.count == count, "space tells training nothing")
  }

  @Test(
    "every key that changes something says so",
    arguments: ["p", "w", "S", "b", "M", "s", "y", "o", "X", ",", ".", "0", " "])
  func says(_ key: String) throws {
    var stage = try Stage.training(.digits)
    let before = stage.application.session.notices.count
    stage.type(key)
    if key == "p" { stage.send([.of(.phase(.paused))]) }
    #expect(stage.application.session.notices.count == before + 1)
  }

  @Test(
    "every key that changes something on A/B says so", arguments: ["x", "d", "v", "r", "]", " "])
  func saysOnAB(_ key: String) throws {
    var stage = try Stage.comparing(.digits)
    let before = stage.application.session.notices.count
    stage.type(key)
    #expect(stage.application.session.notices.count == before + 1)
  }

  @Test(
    "every key that changes something on Denoise says so",
    arguments: ["f", "m", "r", "c", "v", "k", "g", "P", "]", " "])
  func saysOnDenoise(_ key: String) throws {
    var stage = try Stage.denoising(.digits)
    let before = stage.application.session.notices.count
    stage.type(key)
    #expect(stage.application.session.notices.count == before + 1)
  }
}
