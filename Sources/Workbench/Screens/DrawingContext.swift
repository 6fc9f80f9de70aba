import Diffusion
import TUI

/// What drawing needs besides the screen itself.
struct DrawingContext {
  let session: Session
  let theme: Theme
  /// How images are drawn.
  let imageStyle: ImageStyle
  /// The spectrograms of the waveforms in view.
  let spectrograms: SoundView.Spectrograms
}

extension Screen {
  /// Draws a panel's frame; returns the cells inside.
  func frame(
    _ panel: Panel, _ title: StyledText, info: StyledText = "", foot: StyledText = "",
    in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) -> Rect {
    TUI.Panel(title, info: info, foot: foot, focused: focus.panel == panel).draw(
      in: area, on: &surface, theme: context.theme)
    return TUI.Panel.inner(area)
  }

  /// What the focused field of a form means.
  func advice(on panel: Panel, _ context: DrawingContext, ink: Ink? = nil) -> StyledText {
    guard focus.panel == panel, let field = focusedField(context.session) else { return "" }
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
      return Field(
        value.label, value: value.text, valueWidth: valueWidth, labelWidth: labelWidth,
        live: value.isLive, focused: hasFocus)
    }
    let index = min(focus.field[panel] ?? 0, max(values.count - 1, 0))
    Form(fields, focus: isFocused ? index : nil).draw(
      in: area, on: &surface, theme: context.theme)
  }
}
