/// The network's answer is taken for the next sample, level after level, without any noise.
///
/// It is not a solver of anything: samples come out as means of what they could have become.
package struct IteratedDenoiser: Sampler {
  package static let name = "iterated"
  package static let title = "Iterated denoiser"
  package static let meaning =
    "Applies the denoiser repeatedly at ever lower noise levels; samples are blurred."

  package var steps = 10

  package init() {}

  package static let table: [Setting<Self>] = [.steps]

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    x.assign(Float(move.to.level.alpha), first.x0, plus: 0, first.x0)
  }
}
