import Testing

@testable import Diffusion

/// One member of a catalogue, as configurations hold it.
struct Member: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let configuration: any Settable
  /// The key that chooses the kind.
  let chooser: String

  static let all: [Member] =
    members(Architectures.self) + members(Schedules.self) + members(Samplers.self)
    + members(Objectives.self)

  private static func members<Kinds: Catalog>(_ kinds: Kinds.Type) -> [Member] {
    kinds.all.map { member in
      let chosen = Selection<Kinds>(member)
      return Member(
        testDescription: "\(kinds) \(chosen.name)", configuration: chosen,
        chooser: kinds.chooser.key)
    }
  }
}

extension AllowedValues {
  /// Values that lie outside.
  fileprivate var outside: [SettingValue] {
    let strange: [SettingValue] = [.other("a table"), .list([.flag(true)]), .list([])]
    switch self {
    case .integer(let range, _):
      return strange + [.real(0.5), .real(.nan), .text("1"), .flag(true)]
        + [
          range.lowerBound.subtractingReportingOverflow(1),
          range.upperBound.addingReportingOverflow(1),
        ]
        .filter { !$0.overflow }.map { .integer($0.partialValue) }
    case .real(let interval, _):
      let ends: [SettingValue] = [
        .real(interval.includesLower ? interval.lower.nextDown : interval.lower),
        .real(interval.includesUpper ? interval.upper.nextUp : interval.upper),
      ]
      return strange + ends + [.real(.nan), .real(.infinity), .text("1"), .flag(true)]
    case .flag: return strange + [.integer(1), .text("true")]
    case .word: return strange + [.text("no such word"), .text(""), .integer(0)]
    case .text: return strange + [.text(""), .real(0.5), .flag(false)]
    case .integers(let range, let most):
      return [.other("a table"), .list([]), .list([.text("1")]), .integer(range.lowerBound)]
        + [.list([.integer(range.upperBound + 1)]), .list([.integer(range.lowerBound - 1)])]
        + [.list(Array(repeating: .integer(range.lowerBound), count: most + 1))]
    case .reals(let interval, let count):
      let low = SettingValue.real(interval.lower)
      return [.other("a table"), .list([]), .list([.text("1"), low]), .real(0), .text("1, 2")]
        + [.list(Array(repeating: .real(interval.upper.nextUp), count: count.lowerBound))]
        + [.list(Array(repeating: low, count: count.upperBound + 1))]
        + [.list(Array(repeating: low, count: count.lowerBound - 1))]
    case .texts: return [.other("a table"), .list([.integer(1)]), .integer(0)]
    }
  }

  /// Values that lie inside, the ends where they do.
  fileprivate var inside: [SettingValue] {
    switch self {
    case .integer(let range, _): return [.integer(range.lowerBound), .integer(range.upperBound)]
    case .real(let interval, _):
      let ends = [
        (interval.lower, interval.includesLower), (interval.upper, interval.includesUpper),
      ]
      return ends.filter(\.1).map { .real($0.0) } + [.real((interval.lower + interval.upper) / 2)]
    case .flag: return [.flag(true), .flag(false)]
    case .word(let choices): return choices.map { .text($0.name) }
    case .integers(let range, let most):
      return [
        .list([.integer(range.upperBound)]),
        .list(Array(repeating: .integer(range.lowerBound), count: most)),
      ]
    case .reals(let interval, let count):
      return [count.lowerBound, count.upperBound].map {
        .list(Array(repeating: .real(interval.upper), count: $0))
      }
    case .text, .texts: return []
    }
  }
}

@Suite("What is typed into a form")
struct TypedValueTests {
  @Test("a list is typed with or without brackets and commas; quotation marks keep words together")
  func lists() {
    let names = AllowedValues.texts("names")
    #expect(
      names.value(typed: "[\"Food & Drink\", \"ship\"]")
        == .list([.text("Food & Drink"), .text("ship")]))
    #expect(
      names.value(typed: "ship \"Food & Drink\"") == .list([.text("ship"), .text("Food & Drink")]))
    #expect(names.value(typed: "3, 8") == .list([.integer(3), .integer(8)]))
    #expect(names.value(typed: "[]") == .list([]))
    #expect(
      AllowedValues.integers(1...9, atMost: 4).value(typed: "1 2,4")
        == .list([.integer(1), .integer(2), .integer(4)]))
  }
}

@Suite("What holds for every network, schedule, sampler and objective")
struct CatalogTests {
  @Test("names and keys occur once")
  func names() {
    for names in [Architectures.names, Schedules.names, Samplers.names, Objectives.names] {
      #expect(Set(names).count == names.count)
      #expect(names.allSatisfy { !$0.isEmpty && !$0.contains(where: \.isWhitespace) })
    }
    for member in Member.all {
      let keys = member.configuration.settings.map(\.key)
      #expect(Set(keys).count == keys.count, "\(member.testDescription)")
    }
  }

  @Test("each is found by its name, in its state of defaults, which do not conflict")
  func named() {
    func check<Kinds: Catalog>(_ kinds: Kinds.Type) {
      for member in kinds.all {
        let chosen = Selection<Kinds>(member)
        #expect(Selection<Kinds>(named: chosen.name) == chosen)
        #expect(chosen.conflict == nil)
        #expect(!chosen.meaning.isEmpty && !chosen.meaning.contains("\n"))
      }
      #expect(Selection<Kinds>(named: "none of them") == nil)
      #expect(Selection<Kinds>().name == kinds.names.first)
    }
    check(Architectures.self)
    check(Schedules.self)
    check(Samplers.self)
    check(Objectives.self)
  }

  @Test("every setting takes its own default back", arguments: Member.all)
  func defaults(_ member: Member) throws {
    for info in member.configuration.settings {
      var configuration = member.configuration
      guard let value = configuration.value(of: info.key) else {
        #expect(info.absent != nil || info.replaces != nil, "\(info.key) has no value")
        continue
      }
      try configuration.set(info.key, to: value)
      #expect(configuration.value(of: info.key) == value, "\(info.key)")
      if info.key != member.chooser, !info.isRequired {
        #expect(info.defaultValue == value, "\(info.key)")
      }
    }
  }

  @Test("every setting refuses what is outside, and stays as it was", arguments: Member.all)
  func outside(_ member: Member) {
    for info in member.configuration.settings {
      for value in info.allowed.outside {
        var configuration = member.configuration
        #expect(throws: SettingError.self, "\(info.key) = \(value)") {
          try configuration.set(info.key, to: value)
        }
        for other in member.configuration.settings {
          #expect(configuration.value(of: other.key) == member.configuration.value(of: other.key))
        }
      }
    }
  }

  @Test("every setting reads back what was set", arguments: Member.all)
  func inside(_ member: Member) throws {
    for info in member.configuration.settings {
      for value in info.allowed.inside {
        var configuration = member.configuration
        try configuration.set(info.key, to: value)
        #expect(configuration.value(of: info.key) == value, "\(info.key)")
      }
    }
  }

  @Test("every key press can be undone by the opposite one", arguments: Member.all)
  func steppingBack(_ member: Member) throws {
    for info in member.configuration.settings {
      guard let start = member.configuration.value(of: info.key) else { continue }
      for presses in [1, 2, 5, -1, -2, -5] {
        var there = member.configuration
        there.step(info.key, by: presses)
        let value = try #require(there.value(of: info.key))
        #expect(info.allowed.allows(value), "\(info.key) = \(value)")
        if info.isAtEnd(value) { continue }
        if case .real = info.allowed, let value = value.number, let start = start.number {
          #expect(presses > 0 ? value > start : value < start, "\(info.key)")
        }
        var alone = member.configuration
        for _ in 0..<abs(presses) { alone.step(info.key, by: presses.signum()) }
        #expect(alone.value(of: info.key) == value, "\(info.key) by \(presses)")
        there.step(info.key, by: -presses)
        #expect(there.value(of: info.key) == start, "\(info.key) by \(presses)")
      }
    }
  }

  @Test("no number of key presses leaves what is allowed", arguments: Member.all)
  func steppingFar(_ member: Member) throws {
    for info in member.configuration.settings where info.key != member.chooser {
      for presses in [-5000, -40, -1, 1, 40, 5000, .max, -.max] {
        var configuration = member.configuration
        configuration.step(info.key, by: presses)
        guard let value = configuration.value(of: info.key) else { continue }
        var other = member.configuration
        #expect(throws: Never.self, "\(info.key) by \(presses)") {
          try other.set(info.key, to: value)
        }
      }
    }
  }
}

extension SettingInfo {
  /// Whether a number is one where key presses end, so that they cannot be undone.
  fileprivate func isAtEnd(_ value: SettingValue) -> Bool {
    switch (allowed, value) {
    case (.integer(let range, _), .integer(let value)):
      value == range.lowerBound || value == range.upperBound
    case (.real(let interval, _), _):
      value.number == interval.lower || value.number == interval.upper
        || value == defaultValue  // an end that is not allowed itself
    default: false
    }
  }
}

@Suite("Schedule configurations")
struct ScheduleConfigurationTests {
  @Test("an empty description makes the family's default")
  func defaults() throws {
    #expect(try ScheduleConfiguration(LinearSchedule()).make() == .linear())
    #expect(
      try ScheduleConfiguration(ScaledLinearSchedule()).make() == ScaledLinearSchedule().make())
    #expect(try ScheduleConfiguration(CosineSchedule()).make() == .cosine())
    #expect(try ScheduleConfiguration(LogLinearSchedule()).make() == .logLinear())
  }

  @Test("values reach the schedule")
  func values() throws {
    var configuration = ScheduleConfiguration(LogLinearSchedule())
    try configuration.set("timesteps", to: .integer(10))
    try configuration.set("sigma_min", to: .real(0.5))
    try configuration.set("sigma_max", to: .integer(4))
    #expect(try configuration.make() == .logLinear(timesteps: 10, sigmaMin: 0.5, sigmaMax: 4))
    configuration = ScheduleConfiguration(CosineSchedule())
    try configuration.set("s", to: .real(0.1))
    try configuration.set("max_beta", to: .real(0.5))
    #expect(try configuration.make() == .cosine(s: 0.1, maxBeta: 0.5))
  }

  @Test("ends in the wrong order are a sentence with both")
  func conflict() throws {
    var linear = ScheduleConfiguration(LinearSchedule())
    try linear.set("beta_start", to: .real(0.05))
    #expect(linear.conflict?.keys == ["beta_start", "beta_end"])
    #expect(
      linear.conflict?.description == "beta_start is 0.05; expected at most beta_end = 0.02")
    #expect(throws: SettingConflict.self) { try linear.make() }
    var logLinear = LogLinearSchedule()
    (logLinear.sigmaMin, logLinear.sigmaMax) = (5, 1)
    #expect(logLinear.conflict != nil)
  }

  @Test("no number of key presses makes a schedule invalid", arguments: Schedules.names)
  func steppingFar(_ name: String) throws {
    let start = try #require(ScheduleConfiguration(named: name))
    for key in start.settings.map(\.key) where key != "family" {
      for presses in [-1, 1, -40, 40, -5000, 5000] {
        var configuration = start
        configuration.step(key, by: presses)
        // Ends in the wrong order are said; all else makes a schedule.
        if configuration.conflict == nil { _ = try configuration.make() }
      }
    }
  }

  @Test("a value off the grid goes to the next one on it")
  func offGrid() throws {
    var configuration = ScheduleConfiguration(CosineSchedule())
    try configuration.set("s", to: .real(0.0123))
    var (up, down) = (configuration, configuration)
    up.step("s", by: 1)
    down.step("s", by: -1)
    #expect(up.value(of: "s") == .real(0.013))
    #expect(down.value(of: "s") == .real(0.012))
  }

  @Test("another family keeps the number of levels")
  func choosing() throws {
    var configuration = ScheduleConfiguration(LinearSchedule())
    try configuration.set("timesteps", to: .integer(77))
    try configuration.set("family", to: .text("cosine"))
    #expect(configuration.name == "cosine")
    #expect(configuration.timesteps == 77)
  }
}
