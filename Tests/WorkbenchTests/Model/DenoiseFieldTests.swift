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
  private func screen(_ recipe: Recipe) throws -> WorkbenchModel {
    var model = WorkbenchModel(recipe)
    _ = model.receive(.phase(.training))
    _ = model.receive(.model(try .initial(recipe)))
    _ = model.perform(.screen(.denoise))
    _ = model.receive(.model(try .initial(recipe)))
    model.focus[.denoise] = .sampler
    return model
  }

  private func request(_ effects: [Effect]) throws -> SamplingRequest {
    let requests = effects.compactMap {
      if case .sample(let request, .denoise) = $0 { request } else { nil }
    }
    #expect(requests.count == 1)
    return try #require(requests.first)
  }

  private func focus(_ key: String, _ model: inout WorkbenchModel) throws {
    let index: Int = try #require(
      model.fields(of: .sampler).firstIndex { $0.id == .sampling(key) })
    model.field[.sampler] = index
  }

  private func keys(_ model: WorkbenchModel) -> [FieldID] { model.fields(of: .sampler).map(\.id) }

  @Test("a network that is told classes has fields for the class and the guidance, others have not")
  func fields() throws {
    let plain = try screen(.tiny())
    #expect(
      keys(plain)
        == ["sampler", "steps", "eta", "seed", "count", "clip"].map { .sampling($0) })
    let conditional = try screen(Self.conditional)
    #expect(keys(conditional) == keys(plain) + [.sampling("class"), .sampling("guidance")])
    #expect(conditional.fields(of: .sampler).suffix(2).map(\.text) == ["any", "1"])
  }

  @Test("the arrows go through any class and all names, each time from the same noise")
  func classes() throws {
    var model = try screen(Self.conditional)
    let seed = model.denoise.sampling.seed
    try focus("class", &model)
    for name in ["upper", "lower", nil, "upper"] {
      let request = try request(model.perform(.change(1)))
      #expect(request.sampling.className == name)
      #expect(request.sampling.seed == seed)
      #expect(model.focusedField?.text == name ?? "any")
      #expect(try Array(request.path()).count == 6)
    }
    let back = try request(model.perform(.change(-1)))
    #expect(back.sampling.className == nil)
  }

  @Test("guidance pushes samples towards the class that was chosen")
  func guidance() throws {
    var model = try screen(Self.conditional)
    try focus("class", &model)
    let plain = try request(model.perform(.change(2)))
    try focus("guidance", &model)
    let guided = try request(model.perform(.change(2)))
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
    let request = try request(model.perform(.change(1)))
    #expect(throws: ModelError.self) { try request.path() }
  }

  @Test("another sampler has its own settings and keeps the number of steps")
  func samplers() throws {
    var model = try screen(.tiny())
    try focus("sampler", &model)
    let request = try request(model.perform(.change(1)))
    #expect(request.sampling.sampler.value as? DDPM == DDPM(steps: 5))
    #expect(keys(model).contains(.sampling("variance")))
    #expect(!keys(model).contains(.sampling("eta")))
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
    #expect(model.denoise.sampling.seed == 0)
    try focus("seed", &model)
    guard case .success = model.set(.sampling("seed"), to: "9223372036854775806") else {
      Issue.record("the seed was refused")
      return
    }
    let last = try request(model.perform(.change(5)))
    #expect(last.sampling.seed == UInt64(Int.max))
    #expect(try Array(last.path()).allSatisfy { $0.isFinite })
    #expect(model.perform(.change(1)).isEmpty)
    let fresh = try request(model.perform(.newNoise))
    #expect(fresh.sampling.seed == 0)
    let previous = model.perform(.change(-1))
    #expect(previous.isEmpty && model.denoise.sampling.seed == 0)
    // The preview of training uses it as it is.
    let preview = SamplingRequest(
      number: 1, model: try .initial(read), schedule: read.schedule,
      sampling: read.preview.sampling)
    #expect(try Array(preview.path()).count == 4)
  }
}
