internal import Platform

/// The noise that images come from: what a deterministic trajectory leads back to.
package enum Latents {
  /// x_T of clean samples: DDIM without fresh noise, from the lowest of the levels to the highest.
  ///
  /// `steps` are those of a trajectory, the highest noise first; a clean end is left out, because no network is
  /// evaluated there, so samples begin as α·x_0 at the lowest level.
  ///
  /// Source: Song et al. 2021, section 5.4, <https://arxiv.org/abs/2010.02502>.
  package static func of(
    _ x0: Tensor, along steps: [NoiseStep], by denoiser: any Denoiser,
    condition: Condition = Condition()
  ) -> Tensor {
    let rising = steps.filter { $0.level.sigma > 0 }.reversed()
    guard let lowest = rising.first else { return x0.copy() }
    let x = x0.copy()
    x.assign(Float(lowest.level.alpha), x, plus: 0, x)
    for (low, high) in zip(rising, rising.dropFirst()) {
      let answer = denoiser.predict(Query(x, at: low, condition: condition))
      x.assign(
        Float(high.level.alpha), answer.x0, plus: Float(high.level.sigma), answer.epsilon)
    }
    return x
  }

  /// Points on the great circle from `a` (at 0) to `b` (at 1), sample by sample; straight between parallel ones.
  ///
  /// Source: Shoemake 1985; `slerp` of the code published with DDIM.
  package static func between(_ a: [Float], _ b: [Float], at place: Double) -> [Float] {
    let (lengthA, lengthB) = (length(a), length(b))
    let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let cosine = min(max(product / (lengthA * lengthB), -1), 1)
    let angle = acos(cosine)
    let weights =
      sin(angle) > 1e-6
      ? (sin((1 - place) * angle) / sin(angle), sin(place * angle) / sin(angle))
      : (1 - place, place)
    return zip(a, b).map { Float(weights.0 * Double($0) + weights.1 * Double($1)) }
  }

  private static func length(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
