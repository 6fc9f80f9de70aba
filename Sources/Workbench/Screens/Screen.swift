import Diffusion
import TUI

/// A page of the program: a value with its panels, keys, layout, drawing and state.
///
/// What is behind all screens is the ``Session``, which the application hands in. A screen changes itself
/// and the session, and asks for everything else by effects. Drawing changes nothing and reads no file.
protocol Screen {
  associatedtype Panel: Hashable & Sendable

  /// What its tab is called.
  static var title: String { get }
  /// The keys that mean something on this screen alone.
  static var keys: [KeyBinding] { get }

  init(_ session: Session)
  /// Another session begins.
  mutating func begin(_ session: Session)
  /// Draws samples from the weights as they are at this moment.
  mutating func sample(_ session: inout Session) -> [Effect]
  /// The screen is shown from now on.
  mutating func appear(_ session: inout Session) -> [Effect]

  /// Which panel takes the keys.
  var focus: PanelFocus<Panel> { get set }
  /// The panels that can take the keys, in the order of the Tab key.
  var panels: [Panel] { get }
  /// Where the panels are, in an area as wide as the terminal.
  func layout(in body: Rect) -> [PlacedPanel<Panel>]
  /// The same where there is only room for the panel with the focus.
  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>]
  /// The same where the panel with the focus fills the screen.
  func zoomedLayout(in body: Rect) -> [PlacedPanel<Panel>]
  /// What keys mean while a panel has the focus.
  func contexts(of panel: Panel) -> Set<KeyContext>

  func draw(_ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface)

  /// The settings that a panel shows as a form, from top to bottom.
  func fields(of panel: Panel, _ session: Session) -> [FieldValue]
  /// Where in the inside of a panel its form is.
  func formArea(of panel: Panel, in inner: Rect, _ session: Session) -> Rect
  /// Moves a field's value by so many key presses.
  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect]
  /// Sets a field to what was typed; what cannot be leaves everything as it was.
  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect]

  /// What lessons can ask about, besides the settings in its forms, by name.
  func facts(_ session: Session) -> [String: String]

  /// What an action is called on this screen at this moment.
  func title(of action: Action, _ session: Session) -> KeyTitle
  /// Does what the user asked for, where it is about this screen.
  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect]
  /// Takes in a message, after the session did.
  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect]
  /// What the key that exports does here at this moment.
  var exportTitle: KeyTitle { get }
  /// The name of a file with the samples of a frame in view, without its ending.
  func exportName(_ frame: Frame, _ model: Model) -> String
  /// Writes what is in view.
  mutating func export(_ session: inout Session) -> [Effect]
  /// A click inside a panel, a drag that began there, or its end.
  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext)
  /// The wheel above a panel; 1 is up, −1 down.
  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect]

  /// How soon the next ``tick(_:)`` is wanted, in seconds, or nil for none.
  var tickInterval: Double? { get }
  mutating func tick(_ session: inout Session) -> [Effect]

  /// The samples in view and the selected one of them, for the enlargement and for export.
  var samples: (frame: Frame, selected: Int)? { get }
  /// Where the selected sample was in the frames so far, of data that is points.
  var trail: [ScatterPlot.Point] { get }
  mutating func selectSample(by steps: Int)
}

typealias KeyBinding = KeyMap<Action, KeyContext>.Binding
typealias PlacedPanel<Panel> = (panel: Panel, area: Rect)

/// The screens there are, in the order of their tabs.
enum Screens {
  static var all: [any Screen.Type] {
    [
      TrainScreen.self, DenoiseScreen.self, ScheduleScreen.self, RunsScreen.self, ABScreen.self,
      InsideScreen.self,
    ]
  }
}

/// Which panel of a screen takes the keys, which of its fields, and whether it fills the screen.
struct PanelFocus<Panel: Hashable & Sendable>: Sendable {
  var panel: Panel
  var isZoomed = false
  /// The panel in which the mouse button went down, until it goes up.
  var pressed: Panel?
  /// The focused field of each form.
  var field: [Panel: Int] = [:]

  init(_ panel: Panel) { self.panel = panel }
}

// MARK: - What most screens have in common

extension Screen {
  mutating func begin(_ session: Session) { self = Self(session) }
  mutating func sample(_ session: inout Session) -> [Effect] { session.requestSamples() }
  mutating func appear(_ session: inout Session) -> [Effect] { [] }
  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] { [(focus.panel, body)] }
  func zoomedLayout(in body: Rect) -> [PlacedPanel<Panel>] { [(focus.panel, body)] }
  func contexts(of panel: Panel) -> Set<KeyContext> { [] }
  func fields(of panel: Panel, _ session: Session) -> [FieldValue] { [] }
  func formArea(of panel: Panel, in inner: Rect, _ session: Session) -> Rect { inner }
  func facts(_ session: Session) -> [String: String] { [:] }
  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] { [] }
  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] { [] }
  func title(of action: Action, _ session: Session) -> KeyTitle {
    action == .play ? .notOffered : .asTable
  }
  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] { [] }
  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] { [] }
  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {}
  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect] {
    []
  }
  var exportTitle: KeyTitle { samples == nil ? .notOffered : .asTable }
  var tickInterval: Double? { nil }
  mutating func tick(_ session: inout Session) -> [Effect] { [] }
  var samples: (frame: Frame, selected: Int)? { nil }
  var trail: [ScatterPlot.Point] { [] }
  mutating func selectSample(by steps: Int) {}

  /// Its own context and that of the focused panel.
  func keyContexts(_ session: Session) -> Set<KeyContext> {
    var contexts = contexts(of: focus.panel).union([Self.context])
    if !fields(of: focus.panel, session).isEmpty { contexts.insert(.fields) }
    return contexts
  }

  var title: String { Self.title }
  var isZoomed: Bool { focus.isZoomed }

  static var context: KeyContext { KeyContext(title) }

  /// An action that only this screen knows.
  static func own(_ command: some RawRepresentable<String>) -> Action {
    .own(screen: title, command.rawValue)
  }
}

// MARK: - Focus and forms

extension Screen {
  /// Where the panels are that are shown.
  func places(in body: Rect) -> [PlacedPanel<Panel>] {
    if focus.isZoomed { return zoomedLayout(in: body) }
    let places = body.width < 64 ? narrowLayout(in: body) : layout(in: body)
    // The panel that has the keys is always in sight.
    return places.contains { $0.panel == focus.panel } ? places : [(focus.panel, body)]
  }

  /// Whether there is little room: below 100 columns or 36 rows of the terminal.
  static func isSmall(_ body: Rect) -> Bool { body.width < 100 || body.height < 33 }

  /// The field that keys change now.
  func focusedField(_ session: Session) -> FieldValue? {
    let fields = fields(of: focus.panel, session)
    return fields.isEmpty ? nil : fields[fieldIndex(of: focus.panel, among: fields.count)]
  }

  private func fieldIndex(of panel: Panel, among count: Int) -> Int {
    min(focus.field[panel] ?? 0, max(count - 1, 0))
  }

  /// Does what the user asked for: what all screens do alike here, the rest by ``perform(_:_:)``.
  mutating func handle(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case .nextPanel: moveFocus(by: 1)
    case .previousPanel: moveFocus(by: -1)
    case .zoomPanel: focus.isZoomed.toggle()
    case .back where focus.isZoomed: focus.isZoomed = false
    case .export: return export(&session)
    default:
      guard let field = focusedField(session) else { return perform(action, &session) }
      switch action {
      case .nextField: moveField(by: 1, session)
      case .previousField: moveField(by: -1, session)
      case .change(let steps): return change(field.key, by: steps, &session)
      case .enter:
        return field.acceptsTyping ? [.type(field.key)] : change(field.key, by: 1, &session)
      default: return perform(action, &session)
      }
    }
    return []
  }

  private mutating func moveFocus(by steps: Int) {
    let index = panels.firstIndex(of: focus.panel) ?? 0
    focus.panel = panels[(index + steps + panels.count) % panels.count]
  }

  private mutating func moveField(by steps: Int, _ session: Session) {
    let count = fields(of: focus.panel, session).count
    let index = fieldIndex(of: focus.panel, among: count)
    focus.field[focus.panel] = (index + steps + count) % count
  }

  func exportName(_ frame: Frame, _ model: Model) -> String {
    "samples-\(model.step)-frame-\(frame.index)"
  }

  func export(_ session: inout Session) -> [Effect] {
    guard let frame = samples?.frame, let model = session.model, let facts = session.facts else {
      session.note("nothing to export yet")
      return []
    }
    let folder = facts.folder.map { $0 + "/" } ?? ""
    let path = "\(folder)\(exportName(frame, model)).png"
    return [.export(ExportRequest(path: path, format: facts.format, samples: frame.samples))]
  }

  /// What a click, a drag or the wheel does.
  mutating func point(
    _ event: MouseEvent, in body: Rect, _ context: DrawingContext, _ session: inout Session
  ) -> [Effect] {
    let isHeld = event.action == .drag || event.action == .release
    // A drag belongs to the panel in which it began, wherever it leads.
    let place = places(in: body).last {
      isHeld ? $0.panel == focus.pressed : $0.area.contains(x: event.x, y: event.y)
    }
    if event.action == .press || event.action == .release { focus.pressed = nil }
    guard let (panel, area) = place else { return [] }
    let inner = TUI.Panel.inner(area)
    switch event.action {
    case .press:
      focus.pressed = panel
      selectField(panel, atRow: event.y, in: inner, session)
      if panels.contains(panel) { focus.panel = panel }
      touch(panel, event, in: inner, context)
    case .drag, .release: touch(panel, event, in: inner, context)
    case .wheelUp, .wheelDown:
      let direction = event.action == .wheelUp ? 1 : -1
      if let field = field(of: panel, atRow: event.y, in: inner, session) {
        return change(fields(of: panel, session)[field].key, by: direction, &session)
      }
      guard contexts(of: panel).contains(.chart) else { return wheel(panel, direction, &session) }
      touch(panel, event, in: inner, context)
    }
    return []
  }

  /// What a double click at a place asks for: the nearest to opening what is there.
  func doubleClick(atX x: Int, y: Int, in body: Rect, _ session: Session) -> Action? {
    guard let (panel, area) = places(in: body).last(where: { $0.area.contains(x: x, y: y) }) else {
      return nil
    }
    let inner = TUI.Panel.inner(area)
    let isInside = inner.contains(x: x, y: y)
    let opens = !contexts(of: panel).isDisjoint(with: [.samples, .list])
    let isField = field(of: panel, atRow: y, in: inner, session) != nil
    return isInside && (opens || isField) ? .enter : .zoomPanel
  }

  private mutating func selectField(
    _ panel: Panel, atRow y: Int, in inner: Rect, _ session: Session
  ) {
    if let field = field(of: panel, atRow: y, in: inner, session) { focus.field[panel] = field }
  }

  private func field(
    of panel: Panel, atRow y: Int, in inner: Rect, _ session: Session
  ) -> Int? {
    let fields = fields(of: panel, session).map { Field($0.label, value: $0.text) }
    // As it is drawn: a form without the focus begins at its top.
    let hasFocus = focus.panel == panel && !fields.isEmpty
    let form = Form(fields, focus: hasFocus ? fieldIndex(of: panel, among: fields.count) : nil)
    return form.field(atRow: y, in: formArea(of: panel, in: inner, session))
  }
}
