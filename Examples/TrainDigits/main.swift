// Trains a small U-Net on MNIST digits, which are part of the library, and draws samples.
//
//     swift run -c release TrainDigits [STEPS] [FILE.png]

import Diffusion

let arguments = CommandLine.arguments.dropFirst()
let steps = arguments.first.flatMap(Int.init) ?? 500
let file = arguments.dropFirst().first ?? "digits.png"

let digits = BuiltInData.digits14.make()
let network = UNetConfiguration().makeNetwork(for: digits.shape)
let schedule = Schedule.cosine()

let trainer = Trainer(
  network, on: digits, schedule: schedule, objective: DenoisingObjective(predicting: .x0),
  TrainingConfiguration(batchSize: 64, steps: steps, learningRate: LearningRateSchedule(2e-3)))
for metrics in trainer where metrics.step.isMultiple(of: 50) || metrics.step == steps {
  print("step \(metrics.step)  loss \(metrics.loss)")
}

let trajectory = Trajectory(
  SamplingConfiguration(DDPM(steps: 50), count: 64, clipsPredictions: true), schedule: schedule,
  sample: digits.shape, dataRange: digits.range, denoiser: trainer.denoiser())
let image = SampleRenderer(digits.format, enlargement: 4).render(trajectory.finish().samples)
try PNG.write(image, to: file)
print("\(file): 64 samples")
