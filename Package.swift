// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// On Linux the headers are where the compiler looks: ncurses' flags would only be warned about, and
// those of the others would make the program load them at its start instead of when they are needed.
#if os(Linux)
  let ncurses: String? = nil
  let (cairo, openBLAS, libzip): (String?, String?, String?) = (nil, nil, nil)
  let (sound, kissFFT): (String?, String?) = (nil, nil)
#else
  let ncurses: String? = "ncursesw"
  let (cairo, openBLAS, libzip): (String?, String?, String?) = ("cairo", "openblas", "libzip")
  let (sound, kissFFT): (String?, String?) = ("sndfile", "kissfft-float")
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
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: openBLAS,
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CNcurses", pkgConfig: ncurses,
      providers: [.apt(["libncursesw5-dev"]), .brew(["ncurses"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: libzip, providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CCairo", pkgConfig: cairo,
      providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
    .systemLibrary(
      name: "CSound", pkgConfig: sound,
      providers: [
        .apt(["libsndfile1-dev", "libsamplerate0-dev"]), .brew(["libsndfile", "libsamplerate"]),
      ]),
    .systemLibrary(
      name: "CKissFFT", pkgConfig: kissFFT,
      providers: [.apt(["libkissfft-dev"]), .brew(["kissfft"])]),
    .target(name: "Platform", swiftSettings: strict),
    .target(name: "TOMLText", swiftSettings: strict),
    .target(name: "Axes", dependencies: ["Platform"], swiftSettings: strict),
    .target(
      name: "Figures", dependencies: ["Axes", "CCairo", "CData"], swiftSettings: strict),
    .target(name: "CSignalStack"),
    .target(name: "CTerminal", dependencies: ["CSignalStack"]),
    .target(name: "CKernels"),
    .target(name: "CData", exclude: ["data"]),
    .target(
      name: "Diffusion",
      dependencies: [
        "Platform", "COpenBLAS", "CKernels", "CData", "CSignalStack", "CZlib", "CZip",
        "CPNG", "CSound", "CKissFFT", "TOMLText",
      ],
      swiftSettings: strict),
    .target(
      name: "TUI",
      dependencies: [
        "Platform", "Axes", "CNcurses", "CTerminal", "TOMLText",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Workbench",
      dependencies: [
        "Platform", "Diffusion", "Figures", "TOMLText", "TUI",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
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
      name: "DiffusionTests", dependencies: ["Platform", "Diffusion", "CZlib"],
      swiftSettings: strict),
    .testTarget(
      name: "WalkthroughTests", dependencies: ["Diffusion"], packageAccess: false,
      swiftSettings: strict),
    .testTarget(name: "TOMLTextTests", dependencies: ["TOMLText"], swiftSettings: strict),
    .testTarget(
      name: "TUITests", dependencies: ["TUI", "CTerminal"], swiftSettings: strict),
    .testTarget(
      name: "FiguresTests", dependencies: ["Figures", "Diffusion"], swiftSettings: strict),
    .testTarget(
      name: "WorkbenchTests",
      dependencies: [
        "Workbench", "Diffusion", "Figures", "TUI", "CTerminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
  ]
)
