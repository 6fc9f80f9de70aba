import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// What is seen on small and on large terminals, and with few colours.
@Suite("Room on the screens")
struct RoomOnScreensTests {
  static let sizes = [
    Size(40, 12), Size(60, 20), Size(80, 24), Size(120, 40), Size(200, 60), Size(250, 70),
  ]

  @Test(
    "the state, the screen's name and the ways on and to help are always in sight", arguments: sizes
  )
  func frame(_ size: Size) throws {
    var stage = try Stage.denoising(.digits)
    for (key, name) in [
      ("1", "Train"), ("2", "Denoise"), ("3", "Schedule"), ("4", "Runs"), ("5", "A/B"),
      ("6", "Inside"),
    ] {
      stage.press(.character(Character(key)))
      for panel in 0..<3 {
        let lines = stage.drawn(size.width, size.height).lines
        #expect(lines[0].contains("\(key) \(name)"), "\(lines[0])")
        #expect(lines[0].contains("training"), "\(lines[0])")
        let hints = try #require(lines.last)
        #expect(hints.contains("tab") && hints.contains("?"), "\(name), panel \(panel): \(hints)")
        stage.press(.tab)
      }
    }
  }

  @Test("tabs answer the mouse where they are short, too")
  func shortTabs() throws {
    var stage = try Stage.training(.digits)
    let header = stage.drawn(40, 12).lines[0]
    let column = try #require(Array(header).lastIndex(of: "3"))
    _ = stage.application.update(.mouse(MouseEvent(.press, x: column, y: 0)))
    #expect(stage.application.screen.title == "Schedule")
  }

  @Test("digits are shown pixel for pixel at 80×24, on Train and on Denoise")
  func wholeDigits() throws {
    for (screen, panel) in [("1", "samples"), ("2", "x_t")] {
      var stage = try Stage.denoising(.digits)
      stage.press(.character(Character(screen)), .end)
      let surface = stage.drawn(80, 24)
      #expect(surface.lines.contains { $0.contains(panel) })
      // Half-blocks and nothing finer: a row of a digit's pixels a half of a cell.
      let blocks = surface.cells.filter { "▘▝▖▗▚▞▛▜▙▟".unicodeScalars.contains($0.scalar) }
      #expect(blocks.isEmpty)
      let imagePixels = surface.cells.filter { $0.style.background.hex.map(isGrey) == true }
      #expect(imagePixels.count >= 4 * 14 * 7, "four whole digits, \(imagePixels.count) cells")
    }
  }

  /// Whether a colour is one of the images' greys rather than the theme's paper.
  private func isGrey(_ hex: UInt32) -> Bool {
    Color(hex: hex) != Theme.dark.style(.background).background
      && Color(hex: hex) != Theme.dark.style(.selection).background
  }

  @Test("at 60×20 Train shows the loss and the samples")
  func narrow() throws {
    var stage = try Stage.training(.digits)
    let lines = stage.drawn(60, 20).lines
    #expect(lines.contains { $0.contains("loss ─") } && lines.contains { $0.contains(" samples ") })
    #expect(lines.contains { $0.contains("x_T") }, "with its timeline")
    stage.press(.tab, .tab)
    let other = stage.drawn(60, 20).lines
    #expect(
      other.contains { $0.contains("learning rate") } && other.contains { $0.contains(" samples ") }
    )
  }

  @Test("large terminals enlarge the images, and give the history what is left")
  func large() throws {
    var stage = try Stage.training(.digits)
    _ = stage.drawn(250, 70)
    let preview = try #require(stage.area(\.train, .preview))
    let view = SampleView(
      try #require(stage.application.train.playback.frame).x,
      shape: try #require(stage.application.train.playback.frame).shape, stage.application.context)
    let inner = Panel.inner(preview).inset(bottom: 1)
    let layout = try #require(view.grid(in: inner).layout(in: inner))
    #expect(layout.scale == .enlarged(2) && layout.shown == 16)
    let filled = layout.shown * layout.cell.width * layout.cell.height
    #expect(Double(filled) > 0.7 * Double(inner.width * inner.height), "\(filled) of \(inner)")
    let loss = try #require(stage.area(\.train, .loss))
    #expect(loss.width + preview.width == 250 && loss.width > 120)
  }

  @Test("zooming shows more: all samples, every setting, a filmstrip")
  func zoom() throws {
    var stage = try Stage.training(.digits)
    stage.press(.tab, .character("z"))
    _ = stage.drawn(80, 24)
    let train = stage.application.train
    let area = try #require(stage.area(\.train, .preview))
    var view = SampleView(
      try #require(train.playback.frame).x, shape: try #require(train.playback.frame).shape,
      stage.application.context)
    view.showsAll = true
    let inner = Panel.inner(area).inset(bottom: 1)
    #expect(view.grid(in: inner).layout(in: inner)?.shown == 16)

    stage.press(.character("z"), .tab, .character("z"))
    let run = stage.drawn(120, 40).lines.joined(separator: "\n")
    for key in ["gradient_clip", "timesteps", "multipliers", "predict", "learning_rate"] {
      #expect(run.contains(key), "\(key) is missing")
    }

    stage = try Stage.denoising(.digits)
    let before = stage.drawn(120, 40).cells.filter { $0.scalar == "▄" }.count
    stage.press(.character("z"))
    let strip = stage.drawn(120, 40)
    #expect(strip.lines.reduce(0) { $0 + $1.components(of: "σ/α") } >= 6)
    #expect(strip.cells.filter { $0.scalar == "▄" }.count > before / 3)
  }

  @Test("whatever is drawn in sixteen colours can be read on black", arguments: 1...5)
  func sixteenColors(_ screen: Int) throws {
    var stage = try Stage(.digits, theme: Theme.dark.adapted(to: .ansi16))
    stage.send(stage.beginning)
    stage.press(.character(Character("\(screen)")))
    let unreadable = ["black", "bright-black", "blue", "bright-blue"]
    for size in Self.sizes {
      let surface = stage.drawn(size.width, size.height)
      let hidden = surface.cells.filter {
        $0.scalar != " " && $0.style.background == .default
          && unreadable.contains("\($0.style.foreground)")
      }
      #expect(hidden.isEmpty, "\(size): \(Set(hidden.map(\.scalar)))")
      #expect(surface.cells.allSatisfy { $0.style.foreground.hex == nil }, "only the sixteen")
    }
  }
}

extension String {
  /// How often a text is in it.
  fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
