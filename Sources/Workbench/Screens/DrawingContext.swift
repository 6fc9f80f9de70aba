import Diffusion
import TUI

/// What drawing needs besides the screen itself.
struct DrawingContext {
  let session: Session
  let theme: Theme
  /// How pictures are drawn.
  let pictures: PictureStyle
  /// What is being typed into the focused field, and what is wrong with it.
  var typing: (line: TextField, problem: String)?
}

extension Screen {
  /// Draws a panel's frame; answers the cells inside.
  func frame(
    _ panel: Panel, _ title: StyledText, info: StyledText = "", foot: StyledText = "",
    in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) -> Rect {
    TUI.Panel(title, info: info, foot: foot, focused: focus.panel == panel).draw(
      in: area, on: &surface, theme: context.theme)
    return TUI.Panel.inner(area)
  }

  /// What the focused field of a form means, or what is wrong with what was typed into it.
  func advice(on panel: Panel, _ context: DrawingContext, ink: Ink? = nil) -> StyledText {
    guard focus.panel == panel, let field = focusedField(context.session) else { return "" }
    if let problem = context.typing?.problem, !problem.isEmpty {
      return StyledText(problem, .error)
    }
    return StyledText(field.explanation, ink)
  }

  /// Draws the fields of a panel as a form, with the one that keys change marked.
  ///
  /// Labels take `labelWidth` columns, or as many as the longest needs.
  func drawForm(
    of panel: Panel, labelWidth: Int, valueWidth: Int, in area: Rect, _ context: DrawingContext,
    on surface: inout Surface
  ) {
    let isFocused = focus.panel == panel
    let values = fields(of: panel, context.session)
    let labelWidth = max(labelWidth, values.map(\.label.columnCount).max() ?? 0)
    let focused = focusedField(context.session)?.key
    let fields = values.map { value in
      let hasFocus = isFocused && value.key == focused
      var field = Field(
        value.label, value: value.text, valueWidth: valueWidth, labelWidth: labelWidth,
        live: value.isLive, focused: hasFocus)
      if hasFocus { field.editing = context.typing?.line }
      return field
    }
    let index = min(focus.field[panel] ?? 0, max(values.count - 1, 0))
    Form(fields, focus: isFocused ? index : nil).draw(
      in: area, on: &surface, theme: context.theme)
  }
}
