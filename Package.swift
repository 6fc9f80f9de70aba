// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// On Linux the headers are where the compiler looks, and ncurses' flags would only be warned about.
#if os(Linux)
  let ncurses: String? = nil
#else
  let ncurses: String? = "ncursesw"
#endif

/// A program in Examples that has nothing but the public interface of the library.
func example(_ name: String) -> Target {
  .executableTarget(
    name: name, dependencies: ["Diffusion"], path: "Examples/\(name)", packageAccess: false,
    swiftSettings: strict)
}

let package = Package(
  name: "diffusion-workbench",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "workbench", targets: ["Workbench"]),
    .library(name: "Diffusion", targets: ["Diffusion"]),
    .library(name: "TUI", targets: ["TUI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CNcurses", pkgConfig: ncurses,
      providers: [.apt(["libncursesw5-dev"]), .brew(["ncurses"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .target(name: "Platform", swiftSettings: strict),
    .target(name: "CSignalStack"),
    .target(name: "CTerminal", dependencies: ["CSignalStack"]),
    .target(name: "CKernels"),
    .target(name: "CData", exclude: ["data"]),
    .target(
      name: "Diffusion",
      dependencies: [
        "Platform", "COpenBLAS", "CKernels", "CData", "CSignalStack", "CZlib", "CZip",
        "CPNG",
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),
    .target(
      name: "TUI",
      dependencies: [
        "Platform", "CNcurses", "CTerminal", .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Workbench",
      dependencies: [
        "Platform", "Diffusion", "TUI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Benchmarks", dependencies: ["Platform", "Diffusion", "TUI"], path: "Benchmarks",
      exclude: ["README.md", "pytorch.py", "latency.py"], sources: ["Sources"],
      swiftSettings: strict),
    example("TrainDigits"),
    example("CustomLayer"),
    example("CustomSampler"),
    example("SampleFolder"),
    .testTarget(
      name: "ExampleTests",
      dependencies: ["TrainDigits", "CustomLayer", "CustomSampler", "SampleFolder"],
      swiftSettings: strict),
    .testTarget(
      name: "DiffusionTests", dependencies: ["Diffusion", "CZlib"], swiftSettings: strict),
    .testTarget(
      name: "WalkthroughTests", dependencies: ["Diffusion"], packageAccess: false,
      swiftSettings: strict),
    .testTarget(name: "TUITests", dependencies: ["TUI"], swiftSettings: strict),
    .testTarget(
      name: "WorkbenchTests", dependencies: ["Workbench", "Diffusion", "TUI", "CTerminal"],
      swiftSettings: strict),
  ]
)
