/// What lessons can ask about.
extension RunsScreen {
  func facts(_ session: Session) -> [String: String] {
    ["runs": "\(runs?.count ?? 0)", "marked": "\(marked.count)", "panel": "\(focus.panel)"]
  }
}
