@testable import Diffusion

/// Small networks of every architecture, on which the laws that hold for all are tested.
enum TestedNetworks {
  static let all: [String: Network] = NetworkParityTests.networks.merging([
    "dense": .dense(Shape(1, 1, 100, 1)),
    "unet": .unet(Shape(1, 7, 5, 3), UNetConfiguration(channels: 8, groups: 4)),
    "mixer": WalkthroughPartsTests.mixer,
  ]) { $1 }

  static let names = all.keys.sorted()
}
