/// Normalises every channel of a sample, and gives back a part of what that forgets: how the
/// channel's mean lies among those of the others.
///
/// With x̂ the normalised channel and m its mean, normalised over the channels,
/// y = γ·(x̂ + α·m) + β, where γ, α and β (channels each) are the pass's condition.
///
/// Source: conditional instance normalization++ of Song and Ermon 2019, appendix A,
/// <https://arxiv.org/abs/1907.05600>.
package struct ClassNorm: Layer {
  let epsilon: Float

  /// A norm whose factors are the pass's condition; `epsilon` keeps the variance above 0.
  package init(epsilon: Float = 1e-5) { self.epsilon = epsilon }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let condition = pass.requiredCondition
    let (channels, positions) = (x.shape.channels, x.shape.height * x.shape.width)
    precondition(
      condition.shape == Shape(x.shape.batch, 1, 1, 3 * channels),
      "the condition of \(x.shape) must be (batch, 1, 1, 3·channels), got \(condition.shape)")
    pass.save(x)
    pass.save(condition)
    let statistics = pass.make(Shape(x.shape.batch, 1, 3, channels))
    defer { extendLifetime(statistics) }
    pass.save(statistics)
    let result = pass.make(x.shape)
    let (y, x, c, s) = (result.pointer, x.pointer, condition.pointer, statistics.pointer)
    parallelTasks(result.shape.batch) { sample in
      let start = sample * positions * channels
      let of = Statistics(s + sample * 3 * channels, channels)
      of.measure(x + start, positions: positions, epsilon: epsilon)
      let gamma = c + sample * 3 * channels
      let (alpha, beta) = (gamma + channels, gamma + 2 * channels)
      for position in 0..<positions {
        let (x, y) = (x + start + position * channels, y + start + position * channels)
        for i in 0..<channels {
          let normal = (x[i] - of.mean[i]) * of.scale[i]
          y[i] = gamma[i] * (normal + alpha[i] * of.place[i]) + beta[i]
        }
      }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let statistics = pass.restore()
    let condition = pass.restore()
    let saved = pass.restore()
    let (channels, positions) = (dy.shape.channels, dy.shape.height * dy.shape.width)
    let result = pass.make(dy.shape)
    let sums = pass.zeros(Shape(dy.shape.batch, 1, 2, channels))
    defer { extendLifetime((statistics, condition, saved, sums)) }
    let (dx, dy, x) = (result.pointer, dy.pointer, saved.pointer)
    let (c, dc) = (condition.pointer, pass.requiredConditionGradient.pointer)
    let (s, t) = (statistics.pointer, sums.pointer)
    parallelTasks(result.shape.batch) { sample in
      let start = sample * positions * channels
      let of = Statistics(s + sample * 3 * channels, channels)
      let (gamma, dGamma) = (c + sample * 3 * channels, dc + sample * 3 * channels)
      let alpha = gamma + channels
      // Σ dy and Σ dy·x̂ of every channel.
      let plain = t + sample * 2 * channels
      let slope = plain + channels
      for position in 0..<positions {
        let (x, dy) = (x + start + position * channels, dy + start + position * channels)
        for i in 0..<channels {
          plain[i] += dy[i]
          slope[i] += dy[i] * (x[i] - of.mean[i]) * of.scale[i]
        }
      }
      for i in 0..<channels {
        dGamma[i] += slope[i] + alpha[i] * of.place[i] * plain[i]
        dGamma[channels + i] += gamma[i] * of.place[i] * plain[i]
        dGamma[2 * channels + i] += plain[i]
      }
      // dm = γ·α·Σ dy goes back through the normalisation of the means.
      let spread = of.spread(epsilon: epsilon)
      var (sum, product): (Float, Float) = (0, 0)
      for i in 0..<channels {
        let dPlace = gamma[i] * alpha[i] * plain[i]
        sum += dPlace
        product += dPlace * of.place[i]
      }
      let count = Float(positions)
      for position in 0..<positions {
        let offset = start + position * channels
        let (x, dy, dx) = (x + offset, dy + offset, dx + offset)
        for i in 0..<channels {
          let normal = (x[i] - of.mean[i]) * of.scale[i]
          let dMean =
            (gamma[i] * alpha[i] * plain[i] - sum / Float(channels)
              - of.place[i] * product / Float(channels - 1)) / spread
          dx[i] =
            gamma[i] * of.scale[i] * (dy[i] - plain[i] / count - normal * slope[i] / count)
            + dMean / count
        }
      }
    }
    return result
  }

  /// Of one sample: every channel's mean, 1/√(variance + ε), and the mean's place among the means.
  private struct Statistics {
    let mean: UnsafeMutablePointer<Float>
    let scale: UnsafeMutablePointer<Float>
    let place: UnsafeMutablePointer<Float>
    let channels: Int

    init(_ base: UnsafeMutablePointer<Float>, _ channels: Int) {
      mean = base
      scale = base + channels
      place = base + 2 * channels
      self.channels = channels
    }

    func measure(_ x: UnsafePointer<Float>, positions: Int, epsilon: Float) {
      mean.update(repeating: 0, count: channels)
      scale.update(repeating: 0, count: channels)
      for position in 0..<positions {
        for i in 0..<channels { mean[i] += x[position * channels + i] }
      }
      for i in 0..<channels { mean[i] /= Float(positions) }
      for position in 0..<positions {
        for i in 0..<channels {
          let d = x[position * channels + i] - mean[i]
          scale[i] += d * d
        }
      }
      for i in 0..<channels { scale[i] = 1 / (scale[i] / Float(positions) + epsilon).squareRoot() }
      let (center, spread) = (meanOfMeans, spread(epsilon: epsilon))
      for i in 0..<channels { place[i] = (mean[i] - center) / spread }
    }

    private var meanOfMeans: Float {
      var sum: Float = 0
      for i in 0..<channels { sum += mean[i] }
      return sum / Float(channels)
    }

    /// √(variance of the means + ε), the variance with n − 1.
    func spread(epsilon: Float) -> Float {
      let center = meanOfMeans
      var squares: Float = 0
      for i in 0..<channels { squares += (mean[i] - center) * (mean[i] - center) }
      return (squares / Float(channels - 1) + epsilon).squareRoot()
    }
  }
}
