import TUI
import Testing

@Suite("Frames and text")
struct FrameTests {
  @Test("a panel sets its title, information and foot into the border")
  func panel() {
    let surface = drawn(Panel("loss", info: "log · step", foot: "raw 0.07"), 32, 3)
    #expect(surface.lines[0] == "╭─ loss ────────── log · step ─╮")
    #expect(surface.lines[1] == "│                              │")
    #expect(surface.lines[2] == "╰ raw 0.07 ────────────────────╯")
    #expect(surface[0, 0].style.foreground == Theme.dark.style(.border).foreground)
  }

  @Test("focus shows as a mark and as the accent colour, and moves nothing")
  func focus() {
    let plain = drawn(Panel("loss"), 20, 3)
    let focused = drawn(Panel("loss", focused: true), 20, 3)
    #expect(focused.lines[0] == "╭▸ loss ───────────╮")
    #expect(plain.lines[0] == "╭─ loss ───────────╮")
    #expect(focused[19, 2].style.foreground == Theme.dark.style(.accent).foreground)
    #expect(drawn(Panel("loss", focused: true), 12, 2, symbols: .ascii).lines[0] == "+> loss ---+")
  }

  @Test("the information gives way to the title, then the title is cut")
  func narrowPanel() {
    #expect(drawn(Panel("loss", info: "log · step"), 16, 2).lines[0] == "╭─ loss ───────╮")
    #expect(drawn(Panel("loss by noise"), 10, 2).lines[0] == "╭─ loss …╮")
  }

  @Test("text is broken between words and keeps its inks")
  func wrapping() {
    let text = Text("the grid " + StyledText("denoises", .accent) + " before your eyes")
    let surface = drawn(text, 10, 4)
    #expect(surface.lines == ["the grid", "denoises", "before", "your eyes"])
    #expect(surface[0, 1].style.foreground == Theme.dark.style(.accent).foreground)
    #expect(drawn(Text("incomprehensibilities"), 8, 3).lines == ["incompre", "hensibil", "ities"])
  }

  @Test("a placeholder stands in the middle")
  func placeholder() {
    #expect(
      drawn(Text.placeholder("no samples yet"), 20, 3).lines == ["", "   no samples yet", ""])
  }

  @Test("styled text that is too long ends with an ellipsis in the ink of the cut")
  func cut() {
    var surface = Surface(Size(8, 1))
    let text = "loss " + StyledText("0.0712", .accent) + " mean"
    surface.put(text, x: 0, y: 0, theme: .dark, maxWidth: 8)
    #expect(surface.lines == ["loss 0.…"])
    #expect(surface[7, 0].style.foreground == Theme.dark.style(.accent).foreground)
  }

  @Test("text that ends exactly at the edge of a run is cut there")
  func cutBetweenRuns() {
    var surface = Surface(Size(8, 1))
    surface.put("loss" + StyledText("0.0712", .accent), x: 0, y: 0, theme: .dark, maxWidth: 4)
    #expect(surface.lines == ["los…"])
  }

  @Test("a popup clears what is behind it")
  func popup() {
    var surface = Surface(Size(14, 5))
    surface.fill(surface.bounds, with: "x", style: .plain)
    let popup = Popup("quit?", content: Size(6, 1))
    popup.draw(in: surface.bounds, on: &surface, theme: .dark)
    #expect(
      surface.lines == [
        "xxxxxxxxxxxxxx", "xx╭▸ quit? ╮xx", "xx│        │xx", "xx╰────────╯xx", "xxxxxxxxxxxxxx",
      ])
    #expect(popup.inner(in: surface.bounds) == Rect(x: 4, y: 2, width: 6, height: 1))
  }

  @Test("the current tab is marked, and tabs answer the mouse")
  func tabs() {
    let tabs = Tabs(["1 Train", "2 Denoise"], selected: 1)
    #expect(drawn(tabs, 30, 1).lines == [" 1 Train   ▸2 Denoise"])
    let area = Rect(x: 0, y: 0, width: 30, height: 1)
    #expect(tabs.index(atColumn: 12, in: area) == 1)
    #expect(tabs.index(atColumn: 9, in: area) == nil)
    #expect(tabs.width == 22)
  }

  @Test("a notice says when it was")
  func notice() {
    let notice = Notice(time: "12:04:11", message: "no space left")
    #expect(drawn(notice, 40, 1).lines == [" 12:04:11   no space left"])
  }
}
