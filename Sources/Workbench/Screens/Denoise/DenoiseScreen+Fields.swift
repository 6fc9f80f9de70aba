import Diffusion
import TUI

/// The settings by which the samples are drawn.
extension DenoiseScreen {
  private func samplingFields(_ session: Session) -> SamplingFields {
    SamplingFields(model: session.model, timesteps: session.samplingSchedule.timesteps)
  }

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    switch panel {
    case .sampler: samplingFields(session).values(of: session.sampling)
    case .edit: editFields(session)
    default: []
    }
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    if isOfEditing(key) { return changeEditing(key, by: steps, &session) }
    let fields = samplingFields(session)
    return sample(with: fields.changing(key, by: steps, of: session.sampling), &session)
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    if isOfEditing(key) { return try setEditing(key, to: text, &session) }
    let fields = samplingFields(session)
    return sample(with: try fields.setting(key, to: text, of: session.sampling), &session)
  }

  /// Draws the samples again, from the same noise, if anything changed.
  private mutating func sample(
    with sampling: SamplingConfiguration, _ session: inout Session
  ) -> [Effect] {
    guard sampling != session.sampling else { return [] }
    session.sampling = sampling
    selected = min(selected, sampling.count - 1)
    // Beside a pinned trajectory only the setting is another.
    return begin(&session, withNewest: comparison == nil)
  }
}
