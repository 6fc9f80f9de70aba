import Diffusion
import TUI

/// What a recipe learns, in images and a few words; read in the background.
struct RecipeLesson: Sendable {
  /// The recipe's name.
  var name: String
  /// Some samples of its data, one after the other.
  var values: [Float] = []
  var shape = Shape(0, 1, 1, 1)
  var format: SampleFormat?
  /// The data, the network and the length, in a line.
  var facts = ""
  /// Why there is nothing to see.
  var problem: String?

  init(name: String) { self.name = name }

  /// Images or signals that are shown.
  private static let count = 8
  /// Points that are shown.
  private static let points = 500

  init(reading name: String) {
    self.init(name: name)
    do {
      let recipe = try Recipe.load(name)
      let dataset = try recipe.data.load()
      let count = min(dataset.count, dataset.kind == .points ? Self.points : Self.count)
      values = evenPlaces(count, through: dataset.count - 1).flatMap { dataset.sample(at: $0) }
      shape = dataset.shape.with(batch: count)
      format = dataset.format
      facts = Self.facts(recipe, dataset)
    } catch {
      problem = "\(error)"
    }
  }

  private static func facts(_ recipe: Recipe, _ dataset: Dataset) -> String {
    let shape = dataset.shape
    let (what, size) =
      switch dataset.kind {
      case .image: ("images", " of \(shape.width)×\(shape.height)")
      case .points: ("points", "")
      case .signal: ("signals", " of \(shape.width) values")
      case .text: ("texts", " of \(shape.width) \(dataset.text?.unit.rawValue ?? "")")
      }
    let length =
      switch recipe.training.duration {
      case .steps(let steps): "\(Numbers.grouped(steps)) steps"
      case .epochs(let epochs): "\(Numbers.grouped(epochs)) epochs"
      }
    return "\(Numbers.grouped(dataset.count)) \(what)\(size) · \(recipe.network.name) · \(length)"
  }
}

extension RecipeLesson {
  /// One sample, or all points, without anything around.
  func drawSmall(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard !area.isEmpty, shape.batch > 0, let format else { return }
    let first = Array(values.prefix(shape.sampleCount))
    switch format.kind {
    case .image:
      let image = PixelImage(first, sample: 0, shape: shape.with(batch: 1), range: format.range)
      TUI.ImageGrid([image], style: context.imageStyle).draw(
        in: area, on: &surface, theme: context.theme)
    case .points:
      let reach = SampleView.reach(of: format)
      var plot = ScatterPlot(
        ScatterPlot.points(values), xRange: -reach...reach, yRange: -reach...reach)
      plot.ink = { _ in .noise(1) }
      plot.draw(in: area, on: &surface, theme: context.theme)
    case .signal:
      SignalPlot(
        first.map(Double.init), over: [], range: SampleView.span(of: format), ink: .noise(1)
      )
      .draw(in: area, on: &surface, theme: context.theme)
    case .text:
      guard let text = format.text else { return }
      TextView(context: context, format: text, values: values, shape: shape).draw(
        in: area, &surface)
    }
  }
}

extension RunsScreen {
  /// The recipe whose lesson is to be read; nil for none.
  var wantsLesson: String? {
    guard draft == nil, !isReadingLesson, let name = recipe?.name, lessons[name] == nil else {
      return nil
    }
    return name
  }

  /// What the selected recipe learns, where that is known.
  var lesson: RecipeLesson? { recipe.flatMap { lessons[$0.name] } }

  /// Whether it is the recipes that the user looks at, so that all samples give way to theirs.
  var showsLesson: Bool { focus.panel == .recipes }

  mutating func read(lesson name: String) -> [Effect] {
    isReadingLesson = true
    return [.compute(screen: Self.title) { RecipeLesson(reading: name) }]
  }

  mutating func take(_ lesson: RecipeLesson) {
    isReadingLesson = false
    lessons[lesson.name] = lesson
  }

  /// What the selected recipe learns: its sentence, some of the data, and how long it takes.
  func drawLesson(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let name = recipe.map { Wording.escaped($0.name) } ?? ""
    let inner = frame(
      .samples, "training data of \(name)", foot: .init(lesson?.facts ?? ""), in: area, context,
      on: &surface)
    guard let recipe else { return }
    let lines = Text([StyledText(recipe.summary)]).wrapped(to: inner.width)
    let rows = inner.rows(.fixed(min(lines.count, inner.height)), .fraction(1))
    Text(lines).draw(in: rows[0], on: &surface, theme: context.theme)
    let room = rows[1].inset(top: 1)
    guard let lesson, lesson.problem == nil else {
      let text = StyledText(lesson?.problem ?? "reading the data", lesson == nil ? nil : .error)
      return Text.placeholder(text).draw(in: room, on: &surface, theme: context.theme)
    }
    var view = SampleView(lesson.values, shape: lesson.shape, context)
    (view.format, view.dataset) = (lesson.format, nil)
    view.draw(in: room, &surface)
  }
}
