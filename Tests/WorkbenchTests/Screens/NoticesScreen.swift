import TUI

@testable import Workbench

/// The notices of this session, the newest last.
struct NoticesScreen: Screen {
  static let title = "Notices"

  enum Panel: Sendable {
    case list
  }

  enum Command: String {
    case follow
  }

  static let keys: [KeyBinding] = [
    .init(
      [.character("f")], own(Command.follow), in: [context], "follow",
      help: "Follow the newest notice", group: title, prominence: 80)
  ]

  var focus = PanelFocus(Panel.list)
  let panels: [Panel] = [.list]
  /// The selected line; nil while the newest is followed.
  private(set) var selected: Int?

  init(_ session: Session) {}

  func layout(in body: Rect) -> [PlacedPanel<Panel>] { [(.list, body)] }

  func contexts(of panel: Panel) -> Set<KeyContext> { [.list] }

  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    let notices = context.session.notices
    let inner = frame(
      .list, "notices", info: .init(Numbers.grouped(notices.count)), in: area, context, on: &surface
    )
    Table(
      [.init("time", alignment: .right), .init("notice")],
      rows: notices.map { [.init(Numbers.duration(Double($0.time)), .dim), .init($0.text)] },
      selected: selected ?? notices.indices.last, placeholder: "no notices yet"
    ).draw(in: inner, on: &surface, theme: context.theme)
  }

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    let last = session.notices.count - 1
    switch action {
    case .change(let steps): selected = min(max((selected ?? last) + steps, 0), max(last, 0))
    case .home: selected = 0
    case .end, .own(Self.title, Command.follow.rawValue): selected = nil
    default: break
    }
    return []
  }
}
