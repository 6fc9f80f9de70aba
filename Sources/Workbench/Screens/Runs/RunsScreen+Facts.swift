/// What lessons can ask about.
extension RunsScreen {
  func facts(_ session: Session) -> [String: String] {
    ["runs": "\(runs.count)", "marked": "\(marked.count)", "panel": "\(focus.panel)"]
  }
}
