import Diffusion

extension Sampler {
  /// The end of the path over `steps` from `x`, by a plain loop; with `clip` every x̂_0 is limited.
  func walk(
    _ steps: [NoiseStep], from x: Tensor, _ denoiser: any Denoiser,
    noise: NoiseSource = NoiseSource(recorded: []), clip: ClosedRange<Float>? = nil
  ) -> Tensor {
    func predict(_ x: Tensor, _ step: NoiseStep) -> Prediction {
      let prediction = denoiser.predict(Query(x, at: step))
      if let clip { prediction.x0.clamp(to: clip) }
      return prediction
    }
    var (noise, x, history) = (noise, x.copy(), SamplerHistory())
    for number in 1..<steps.count {
      let move = Transition(
        from: steps[number - 1], to: steps[number], number: number, count: steps.count - 1)
      step(x, predict(x, move.from), move, &history, noise: &noise, predict: predict)
    }
    return x
  }
}
