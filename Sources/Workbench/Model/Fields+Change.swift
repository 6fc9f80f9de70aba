import Diffusion
import Platform

extension WorkbenchModel {
  /// Moves a field by so many key presses.
  mutating func change(_ id: FieldID, by steps: Int) -> [Effect] {
    var sampling = denoise.sampling
    switch id {
    case .learningRate:
      return setLearningRate(stepped(train.learningRate, by: steps, perDecade: 20))
    case .previewSampler:
      train.previewSettings.sampling.sampler = next(
        train.previewSettings.sampling.sampler, by: steps)
    case .previewSteps:
      let count = train.previewSettings.sampling.steps + steps
      train.previewSettings.sampling.steps = min(max(count, 1), train.schedule.timesteps)
    case .previewInterval:
      return setPreviewInterval(train.previewSettings.interval + 10 * steps)
    case .sampler: sampling.sampler = next(sampling.sampler, by: steps)
    case .steps: sampling.steps = min(max(sampling.steps + steps, 1), samplingSchedule.timesteps)
    case .eta: sampling.eta = min(max((20 * sampling.eta).rounded() + Double(steps), 0), 20) / 20
    case .seed: sampling.seed = UInt64(max(0, Int(sampling.seed) + steps))
    case .count: sampling.count = min(max(sampling.count + steps, 1), Self.countLimit)
    case .clip: if steps % 2 != 0 { sampling.clip.toggle() }
    case .scheduleFamily:
      schedule.edit(ScheduleConfiguration(next(schedule.edited.family, by: steps)))
    case .scheduleParameter(let key):
      schedule.edit(schedule.edited.adjusting(key, by: steps))
    }
    return sampleAgain(with: sampling)
  }

  /// Sets a field to what was typed; a value that cannot be leaves everything as it was.
  ///
  /// The error is the sentence to show.
  mutating func set(_ id: FieldID, to text: String) -> Result<[Effect], TypedValueError> {
    let typed = text.filter { $0 != "," && $0 != " " }
    guard let value = Double(typed), value.isFinite else { return .failure(.noNumber(text)) }
    var sampling = denoise.sampling
    switch id {
    case .learningRate:
      guard value > 0 && value <= 1 else { return .failure(.outOfRange(value, 0, 1)) }
      return .success(setLearningRate(value))
    case .previewSteps:
      guard let count = whole(value, 1...train.schedule.timesteps) else {
        return .failure(.outOfRange(value, 1, Double(train.schedule.timesteps)))
      }
      train.previewSettings.sampling.steps = count
      return .success([])
    case .previewInterval:
      guard let count = whole(value, 1...1_000_000) else {
        return .failure(.outOfRange(value, 1, 1e6))
      }
      return .success(setPreviewInterval(count))
    case .steps:
      guard let count = whole(value, 1...samplingSchedule.timesteps) else {
        return .failure(.outOfRange(value, 1, Double(samplingSchedule.timesteps)))
      }
      sampling.steps = count
    case .eta:
      guard (0...1).contains(value) else { return .failure(.outOfRange(value, 0, 1)) }
      sampling.eta = value
    case .seed:
      guard let seed = whole(value, 0...Int(UInt32.max)) else {
        return .failure(.outOfRange(value, 0, Double(UInt32.max)))
      }
      sampling.seed = UInt64(seed)
    case .count:
      guard let count = whole(value, 1...Self.countLimit) else {
        return .failure(.outOfRange(value, 1, Double(Self.countLimit)))
      }
      sampling.count = count
    case .scheduleParameter(let key):
      let changed = schedule.edited.setting(key, to: value)
      do {
        _ = try changed.make()
      } catch {
        return .failure(.schedule(error))
      }
      schedule.edit(changed)
      return .success([])
    case .previewSampler, .sampler, .clip, .scheduleFamily:
      return .failure(.noNumber(text))
    }
    return .success(sampleAgain(with: sampling))
  }

  /// Samples drawn at a time on the Denoise screen.
  static let countLimit = 256

  private mutating func setLearningRate(_ rate: Double) -> [Effect] {
    train.learningRate = min(max(rate, 1e-7), 1)
    return [.training(.change(.learningRate(train.learningRate)))]
  }

  private mutating func setPreviewInterval(_ steps: Int) -> [Effect] {
    train.previewSettings.interval = min(max(steps, 1), 1_000_000)
    return [.training(.snapshotInterval(train.previewSettings.interval))]
  }

  /// Draws the Denoise screen's samples again, from the same noise, if anything changed.
  private mutating func sampleAgain(with sampling: SamplingConfiguration) -> [Effect] {
    guard sampling != denoise.sampling else { return [] }
    denoise.sampling = sampling
    denoise.selected = min(denoise.selected, sampling.count - 1)
    return beginDenoising()
  }

  private func next<Choice: CaseIterable & Equatable>(_ choice: Choice, by steps: Int) -> Choice {
    let all = Array(Choice.allCases)
    guard let index = all.firstIndex(of: choice) else { return choice }
    return all[((index + steps) % all.count + all.count) % all.count]
  }

  private func whole(_ value: Double, _ range: ClosedRange<Int>) -> Int? {
    guard let number = Int(exactly: value), range.contains(number) else { return nil }
    return number
  }
}

/// Why a typed value cannot be, as the sentence the user reads.
enum TypedValueError: Error, CustomStringConvertible {
  case noNumber(String)
  case outOfRange(Double, Double, Double)
  case schedule(ScheduleError)

  var description: String {
    switch self {
    case .noNumber(let text): "“\(text)” is no number"
    case .outOfRange(let value, let low, let high):
      "\(compact(value)) is outside \(compact(low)) to \(compact(high))"
    case .schedule(let error): "\(error)"
    }
  }
}

/// The value so many key presses away, of which `perDecade` make a factor of ten, rounded to three
/// digits.
func stepped(_ value: Double, by steps: Int, perDecade: Int) -> Double {
  let result = value * pow(10, Double(steps) / Double(perDecade))
  let unit = pow(10, (log10(result)).rounded(.down) - 2)
  return (result / unit).rounded() * unit
}
