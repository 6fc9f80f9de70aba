// Opens a folder as diffusers publishes and saves it, and draws samples from the network in it.
//
//     git clone https://huggingface.co/google/ddpm-cifar10-32
//     swift run -c release SampleFolder ddpm-cifar10-32 [STEPS] [FILE.png]

import Diffusion

let arguments = Array(CommandLine.arguments.dropFirst())
guard let folder = arguments.first else {
  fatalError("usage: SampleFolder FOLDER [STEPS] [FILE.png]")
}
let steps = arguments.count > 1 ? Int(arguments[1]) ?? 50 : 50
let file = arguments.count > 2 ? arguments[2] : "samples.png"

let model = try Model(contentsOf: folder)
print("\(model.network.parameterCount) parameters, samples of \(model.format.shape)")

let samples = try model.samples(16, by: DDIM(steps: steps), seed: 0)
try PNG.write(SampleRenderer(model.format, enlargement: 2).render(samples), to: file)
print("\(file): \(samples.count) samples")
