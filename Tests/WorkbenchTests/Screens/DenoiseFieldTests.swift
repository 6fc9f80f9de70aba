import Diffusion
import Testing

@testable import Workbench

@Suite("Settings of the Denoise screen")
struct DenoiseFieldTests {
  private static let conditional: Recipe = {
    var recipe = Recipe.tiny()
    recipe.data = DataConfiguration(source: "moons")
    recipe.network = .mlp(8, 8, classes: 2)
    return recipe
  }()

  /// The screen with a model, its sampler's form in focus.
  private func screen(_ recipe: Recipe) throws -> WorkbenchApplication {
    var model = WorkbenchApplication(recipe)
    _ = model.hear(.phase(.training))
    _ = model.hear(.model(try .initial(recipe)))
    _ = model.act(.show(DenoiseScreen.title))
    _ = model.hear(.model(try .initial(recipe)))
    model.denoise.focus.panel = .sampler
    return model
  }

  private func request(_ effects: [Effect]) throws -> SamplingRequest {
    let requests = effects.requests(DenoiseScreen.slot)
    #expect(requests.count == 1)
    return try #require(requests.first)
  }

  private func focus(_ key: String, _ model: inout WorkbenchApplication) throws {
    let index: Int = try #require(
      fields(model).firstIndex { $0.key == key })
    model.denoise.focus.field[.sampler] = index
  }

  private func fields(_ model: WorkbenchApplication) -> [FieldValue] {
    model.denoise.fields(of: .sampler, model.session)
  }

  private func keys(_ model: WorkbenchApplication) -> [String] { fields(model).map(\.key) }

  @Test("a network that is told classes has fields for the class and the guidance, others have not")
  func classFields() throws {
    let plain = try screen(.tiny())
    #expect(
      keys(plain)
        == ["sampler", "steps", "eta", "seed", "count", "clip"])
    let conditional = try screen(Self.conditional)
    #expect(keys(conditional) == keys(plain) + ["class", "guidance"])
    #expect(fields(conditional).suffix(2).map(\.text) == ["any", "1"])
  }

  @Test("the arrows go through any class and all names, each time from the same noise")
  func classes() throws {
    var model = try screen(Self.conditional)
    let seed = model.session.sampling.seed
    try focus("class", &model)
    for name in ["upper", "lower", nil, "upper"] {
      let request = try request(model.act(.change(1)))
      #expect(request.sampling.className == name)
      #expect(request.sampling.seed == seed)
      #expect(model.denoise.focusedField(model.session)?.text == name ?? "any")
      #expect(try Array(request.path()).count == 6)
    }
    let back = try request(model.act(.change(-1)))
    #expect(back.sampling.className == nil)
  }

  @Test("guidance pushes samples towards the class that was chosen")
  func guidance() throws {
    var model = try screen(Self.conditional)
    try focus("class", &model)
    let plain = try request(model.act(.change(2)))
    try focus("guidance", &model)
    let guided = try request(model.act(.change(2)))
    #expect(guided.sampling.className == "lower")
    #expect(guided.sampling.guidance == 2)
    #expect(guided.sampling.seed == plain.sampling.seed)
    let (a, b) = (Array(try plain.path()), Array(try guided.path()))
    #expect(a.first?.x == b.first?.x)
    #expect(a.last?.x != b.last?.x)
  }

  @Test("guidance without a class says what is missing")
  func guidanceToNothing() throws {
    var model = try screen(Self.conditional)
    try focus("guidance", &model)
    let request = try request(model.act(.change(1)))
    #expect(throws: ModelError.self) { try request.path() }
  }

  @Test("another sampler has its own settings and keeps the number of steps")
  func samplers() throws {
    var model = try screen(.tiny())
    try focus("sampler", &model)
    let request = try request(model.act(.change(1)))
    #expect(request.sampling.sampler.value as? DDPM == DDPM(steps: 5))
    #expect(keys(model).contains("variance"))
    #expect(!keys(model).contains("eta"))
  }

  @Test("the largest seed can be opened, stepped and followed")
  func largestSeed() throws {
    let text = "[preview]\nseed = 9223372036854775807\nsteps = 3\ncount = 2"
    let read = try Recipe(
      "[data]\nsource = \"swissroll\"\n[network]\nkind = \"mlp\"\nhidden = [4]\n" + text,
      name: "r", path: "r.toml")
    #expect(try Recipe(read.text, name: "r", path: "r.toml") == read)
    var model = try screen(read)
    // The Denoise screen begins with the seed behind that of the preview.
    #expect(model.session.sampling.seed == 0)
    try focus("seed", &model)
    try model.set(\.denoise, "seed", to: "9223372036854775806")
    let last = try request(model.act(.change(5)))
    #expect(last.sampling.seed == UInt64(Int.max))
    #expect(try Array(last.path()).allSatisfy { $0.isFinite })
    #expect(model.act(.change(1)).isEmpty)
    let fresh = try request(model.act(.newNoise))
    #expect(fresh.sampling.seed == 0)
    let previous = model.act(.change(-1))
    #expect(previous.isEmpty && model.session.sampling.seed == 0)
    // The preview of training uses it as it is.
    let preview = SamplingRequest(
      number: 1, model: try .initial(read), schedule: read.schedule,
      sampling: read.preview.sampling)
    #expect(try Array(preview.path()).count == 4)
  }
}
