import Diffusion
import TUI

/// A file that was read for an edit, or why not.
struct ReadImage: Sendable {
  let path: String
  /// The field that it is for.
  let key: String
  let result: Result<Image, any Error>
}

/// The form of the edit panel.
extension DenoiseScreen {
  /// The fields that are no settings: images and masks.
  private static let imageKeys = ["image", "to", "mask"]

  func isOfEditing(_ key: String) -> Bool {
    Self.imageKeys.contains(key) || editing.settings.setting(key) != nil
  }

  mutating func showEditing(_ session: inout Session) {
    guard offersEditing else { return session.note("only images can be edited") }
    (focus.panel, focus.isZoomed) = (.edit, false)
  }

  func editFields(_ session: Session) -> [FieldValue] {
    guard offersEditing else { return [] }
    let settings = editing.settings
    let keys =
      enlargement(session) == nil
      ? settings.keys : settings.keys.filter { $0 != "factor" && $0 != "zeta" }
    return keys.compactMap { key in
      switch key {
      case "image": return imageField(key, "image", editing.image, session)
      case "to": return imageField(key, "to image", editing.target, session)
      case "mask": return maskField(session)
      default:
        guard let info = setting(key, session) else { return nil }
        let value = settings.value(of: key)
        return FieldValue(key, info, value, explanation: info.sentence(with: value))
      }
    }
  }

  /// How many times the network enlarges images; nil where it does not.
  private func enlargement(_ session: Session) -> Int? {
    model(of: session).map(\.network.enlargement).flatMap { $0 > 0 ? $0 : nil }
  }

  /// A setting; only colour images can be coloured, and a network that enlarges does nothing else.
  private func setting(_ key: String, _ session: Session) -> SettingInfo? {
    guard let info = editing.settings.setting(key) else { return nil }
    guard key == "task", case .word(let choices) = info.allowed else { return info }
    let enlarges = enlargement(session) != nil
    let isGrey = session.format?.shape.channels != 3
    return info.allowing(
      .word(
        choices.filter {
          enlarges
            ? [EditSettings.sampling, ImageTask.superres.rawValue].contains($0.name)
            : !isGrey || $0.name != ImageTask.colorize.rawValue
        }))
  }

  private func imageField(
    _ key: String, _ label: String, _ image: GivenImage, _ session: Session
  ) -> FieldValue {
    let count = Numbers.grouped(session.dataset?.count ?? 0)
    return FieldValue(
      key: key, label: label, text: awaited(key) ?? image.text, isLive: true,
      explanation:
        "The given image: the number of a training image, sample for the selected sample, or a PNG file.",
      allowed: "a number from 1 to \(count), sample, or the path of a PNG file")
  }

  private func maskField(_ session: Session) -> FieldValue {
    let key = session.label(of: Self.own(Command.paint), usually: "P")
    return FieldValue(
      key: "mask", label: "hidden", text: awaited("mask") ?? editing.hidden.text, isLive: true,
      explanation: "The part that is inpainted; \(key) paints it.",
      allowed: HiddenPart.Preset.allCases.map(\.rawValue).joined(separator: ", ")
        + ", or the path of a PNG file with white pixels, which are kept, and black ones",
      choices: HiddenPart.Preset.allCases.map(\.rawValue))
  }

  // MARK: Changing

  mutating func changeEditing(
    _ key: String, by steps: Int, _ session: inout Session
  ) -> [Effect] {
    var changed = editing
    switch key {
    case "image": changed.image = moved(editing.image, by: steps, session)
    case "to": changed.target = moved(editing.target, by: steps, session)
    case "mask": changed.hidden = .preset(nextPreset(by: steps))
    case "factor": changed.settings.factor = factor(by: steps, session)
    default:
      guard let info = setting(key, session), let value = changed.settings.value(of: key),
        let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
      else { return [] }
      // A value that can be stepped to is allowed.
      try? changed.settings.set(key, to: next)
    }
    return edit(changed, &session)
  }

  /// The training image so many numbers on; after another image comes the first.
  private func moved(_ image: GivenImage, by steps: Int, _ session: Session) -> GivenImage {
    guard case .data(let index) = image else { return .data(0) }
    let last = max((session.dataset?.count ?? 1) - 1, 0)
    return .data(min(max(index + steps, 0), last))
  }

  private func nextPreset(by steps: Int) -> HiddenPart.Preset {
    let all = HiddenPart.Preset.allCases
    guard case .preset(let preset) = editing.hidden, let index = all.firstIndex(of: preset) else {
      return all[0]
    }
    return all[((index + steps) % all.count + all.count) % all.count]
  }

  /// The next factor that divides both sides of the images.
  private func factor(by steps: Int, _ session: Session) -> Int {
    let shape = session.format?.shape ?? Shape(1, 1, 1, 1)
    let all = (2...64).filter { shape.height % $0 == 0 && shape.width % $0 == 0 }
    let old = editing.settings.factor
    return (steps > 0 ? all.first { $0 > old } : all.last { $0 < old }) ?? old
  }

  mutating func setEditing(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    // What a field shows need not be what is typed there.
    guard editFields(session).first(where: { $0.key == key })?.text != text else { return [] }
    var changed = editing
    switch key {
    case "image", "to":
      guard let image = try image(typed: text, session) else { return read(text, for: key) }
      if key == "image" { changed.image = image } else { changed.target = image }
    case "mask":
      guard let preset = HiddenPart.Preset(rawValue: text) else { return read(text, for: key) }
      changed.hidden = .preset(preset)
    default:
      guard let info = setting(key, session) else { return [] }
      try info.type(text) { (value) throws(SettingError) in
        try changed.settings.set(key, to: value)
      }
    }
    // What cannot be done is said while it is typed.
    if let model = model(of: session) {
      var trial = self
      trial.editing = changed
      _ = try trial.prepareEdit(model, session)
    }
    return edit(changed, &session)
  }

  /// The image that was typed; nil where it is the path of a file.
  private func image(
    typed text: String, _ session: Session
  ) throws(FieldInputError) -> GivenImage? {
    if text == "sample" {
      guard let frame else { throw FieldInputError("there is no sample yet; sample some first") }
      let index = min(selected, frame.shape.batch - 1)
      return .sample(index, frame.shape.sample(index, of: frame.x0))
    }
    let digits = (text.hasPrefix("data ") ? text.dropFirst(5) : text[...]).filter { $0 != "," }
    guard let number = Int(digits) else { return nil }
    let count = session.dataset?.count ?? 0
    guard (1...max(count, 1)).contains(number), count > 0 else {
      throw FieldInputError(
        count > 0
          ? "\(text) is not a number from 1 to \(Numbers.grouped(count))"
          : "there is no training data here; type sample or the path of a PNG file")
    }
    return .data(number - 1)
  }

  /// Reads a file in the background.
  private mutating func read(_ path: String, for key: String) -> [Effect] {
    awaitedFile = (key, path)
    return [
      .compute(screen: Self.title) {
        ReadImage(path: path, key: key, result: Result { try PNG.read(path) })
      }
    ]
  }

  /// What a field shows until its file is read.
  private func awaited(_ key: String) -> String? {
    guard let awaitedFile, awaitedFile.key == key else { return nil }
    return "reading \(GivenImage.name(of: awaitedFile.path))"
  }

  /// Takes in a file that was read.
  mutating func take(_ file: ReadImage, _ session: inout Session) -> [Effect] {
    // What was asked for since then counts.
    guard let awaitedFile, awaitedFile == (file.key, file.path) else { return [] }
    self.awaitedFile = nil
    var changed = editing
    do {
      let image = try file.result.get()
      switch file.key {
      case "image": changed.image = .file(file.path, image)
      case "to": changed.target = .file(file.path, image)
      default: changed.hidden = .file(file.path, image)
      }
      if let model = model(of: session) {
        var trial = self
        trial.editing = changed
        _ = try trial.prepareEdit(model, session)
      }
    } catch {
      session.note("\(error)")
      return []
    }
    session.note("\(GivenImage.name(of: file.path)) read")
    return edit(changed, &session)
  }

  // MARK: Doing it

  /// The edit as it is asked for now; nil for samples from noise.
  func prepareEdit(
    _ model: Model, _ session: Session
  ) throws(FieldInputError) -> Editing.Prepared? {
    try editing.prepare(
      session.format ?? model.format, session.dataset, seed: session.sampling.seed)
  }

  /// Draws what is made now, from the same noise, if anything changed.
  mutating func edit(_ changed: Editing, _ session: inout Session) -> [Effect] {
    var changed = changed
    if let factor = enlargement(session) { changed.settings.factor = factor }
    guard changed != editing else { return [] }
    awaitedFile = nil
    let isOther = changed.settings.task != editing.settings.task
    editing = changed
    if let format = session.format {
      canvas?.takePicture(editing.picture(format, session.dataset))
      canvas?.takeMask(try? editing.hidden.pixels(of: format.shape))
    }
    if isOther {
      heldRatio = nil
      rightView = changed.settings.task == nil ? .prediction : .edited
      if canvas?.isMask == true { closeCanvas() }
    }
    return begin(&session, withNewest: comparison == nil)
  }

  // MARK: Drawing

  func drawEditing(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let fields = self.fields(of: .edit, session).count
    let lines = Text([self.advice(on: .edit, context)]).wrapped(
      to: max(TUI.Panel.inner(area).width - 2, 1))
    let isBeneath = TUI.Panel.inner(area).height > fields + lines.count
    let sampling = session.sampling
    let inner = frame(
      .edit, "edit", info: .init("\(sampling.sampler.name) \(sampling.steps)"),
      foot: isBeneath ? .init(edited?.note ?? "") : self.advice(on: .edit, context), in: area,
      context, on: &surface)
    drawForm(of: .edit, labelWidth: 8, valueWidth: 11, in: inner, context, on: &surface)
    guard isBeneath else { return }
    Text(lines, ink: .dim).draw(
      in: inner.inset(columns: 1).inset(top: fields + 1), on: &surface, theme: context.theme)
  }
}

extension SettingInfo {
  /// The meaning, with that of the word that is chosen.
  fileprivate func sentence(with value: SettingValue?) -> String {
    guard case .word(let choices) = allowed, case .text(let word) = value,
      let choice = choices.first(where: { $0.name == word }), !choice.meaning.isEmpty
    else { return sentence }
    return "\(sentence.dropLast()) – \(word): \(choice.meaning)."
  }
}
