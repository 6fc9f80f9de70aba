import Foundation
import Testing

@testable import Diffusion

@Suite("Schedulers of diffusers, by their configurations")
struct FolderFixtureTests {
  private static let shape = Shape(2, 4, 4, 1)
  private static let fixture = Result { try Fixture("folders") }

  private struct Case: Decodable {
    let steps: Int
    let config: String
  }

  /// What the fixture's made-up network predicts.
  private struct MadeUp: Denoiser {
    let parameterization: Parameterization

    func predict(_ query: Query) -> Prediction {
      let t = Float(query.steps[0].timestep)
      let output = Tensor(
        query.x.shape,
        query.x.values.map { x in
          switch parameterization.kind {
          case .epsilon: 0.8 * x + 0.15 * sinf(2 * x + t / 150)
          case .x0: 0.9 * sinf(x + t / 300)
          default: 0.3 * sinf(x + t / 150)
          }
        })
      return parameterization.prediction(
        output, x: query.x, levels: query.steps.map(\.level))
    }
  }

  private static func cases() throws -> [String: Case] {
    let text = try #require(fixture.get().metadata["cases"])
    return try JSONDecoder().decode([String: Case].self, from: Data(text.utf8))
  }

  private static func configuration(_ name: String) throws -> SchedulerConfiguration {
    let one = try #require(try cases()[name])
    var scheduler = try SchedulerConfiguration(json: JSON(parsing: one.config), path: name)
    scheduler.sampling.steps = one.steps
    return scheduler
  }

  /// By how much every number of the path may differ, in units of the largest of its frame.
  private static let tolerance = 2e-5

  @Test(
    "every frame, from the same noise, is that of its scheduler",
    arguments: (try? cases().keys.sorted()) ?? [])
  func frames(_ name: String) throws {
    let fixture = try Self.fixture.get()
    let scheduler = try Self.configuration(name)
    let schedule = try scheduler.schedule.make()
    let sampling = scheduler.sampling
    #expect(sampling.problem(with: schedule) == nil)
    var noise = NoiseSource(batch: Random(seed: 0))
    let start = noise.start(Self.shape, deviation: sampling.startingDeviation(schedule))
    let path = Trajectory(
      sampling, schedule: schedule, from: start, dataRange: -1...1,
      denoiser: MadeUp(parameterization: scheduler.parameterization), noise: noise)
    let expected = try fixture.floats("\(name).frames")
    #expect(path.steps.count == expected.count / Self.shape.count)
    let x0 = fixture.names.contains("\(name).x0") ? try fixture.floats("\(name).x0") : []
    var worst = 0.0
    for frame in path {
      let place = frame.index * Self.shape.count..<(frame.index + 1) * Self.shape.count
      worst = max(worst, difference(frame.x, Array(expected[place])))
      guard !frame.isLast, !x0.isEmpty else { continue }
      worst = max(worst, difference(frame.x0, Array(x0[place])))
    }
    #expect(worst < Self.tolerance, "\(name): \(worst)")
  }

  private func difference(_ a: [Float], _ b: [Float]) -> Double {
    let scale = b.map { abs($0) }.max() ?? 1
    return Double(zip(a, b).map { abs($0 - $1) }.max() ?? 0) / Double(max(scale, 1e-6))
  }

  @Test("every configuration that is read is written so that it reads the same")
  func roundTrip() throws {
    for name in try Self.cases().keys.sorted() {
      var scheduler = try Self.configuration(name)
      let json = try scheduler.json(for: "folder")
      let again = try SchedulerConfiguration(json: JSON(parsing: json.description), path: name)
      scheduler.sampling.steps = again.sampling.steps
      #expect(again.parts == scheduler.parts, "\(name): \(json)")
      #expect(scheduler.departures.allSatisfy { $0.hasPrefix("DDPMPipeline loads") })
    }
  }

  @Test("a list that diffusers does not have is a sentence")
  func noList() throws {
    var sampling = SamplingConfiguration(DDIM(steps: 61))
    #expect(sampling.problem(with: .linear()) == nil)
    sampling.rules = .diffusers
    #expect(
      sampling.problem(with: .linear())
        == "DDIMScheduler of diffusers has no trailing list of 61 of 1000 timesteps; choose another "
        + "number of steps, or rules = \"workbench\"")
    (sampling.spacing, sampling.offset, sampling.steps) = (.leading, 1, 1000)
    #expect(sampling.problem(with: .linear())?.contains("has no leading list of 1000") == true)
    var pndm = PLMS()
    (pndm.steps, pndm.startsWithRungeKutta) = (3, true)
    (sampling.sampler, sampling.offset) = (SamplerConfiguration(pndm), 0)
    #expect(
      sampling.problem(with: .linear())?.contains("only in trajectories of 4 or more") == true)
    sampling.steps = 4
    #expect(sampling.problem(with: .linear()) == nil)
  }

  @Test("our own rules go to the next timestep of the list and start at the top")
  func ownRules() {
    var sampling = SamplingConfiguration(DDIM(steps: 7))
    #expect(sampling.makeMoves(.linear()).allSatisfy { $0.end == $0.to })
    sampling.rules = .diffusers
    let moves = sampling.makeMoves(.linear())
    #expect(moves[0].to.timestep == 856 && moves[0].end.timestep == 857)
    #expect(moves[6].to.timestep == 0)
    (sampling.spacing, sampling.steps) = (.linspace, 1)
    #expect(sampling.makeSteps(.linear())[0].timestep == 0)
    sampling.rules = .workbench
    #expect(sampling.makeSteps(.linear())[0].timestep == 999)
  }
}
