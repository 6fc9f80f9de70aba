// A layer of your own in a network of your own, trained on the points of a spiral.
//
//     swift run -c release CustomLayer [STEPS] [FILE.png]

import Diffusion

/// y = γ·x / √(mean(x²) + ε) at every position, the mean over its channels.
///
/// Parameter `weight` γ (channels), 1 at first.
///
/// Source: Zhang and Sennrich 2019, <https://arxiv.org/abs/1910.07467>.
struct RMSNorm: Layer, Leaf {
  let gamma: Slot
  let epsilon: Float = 1e-6
  var slots: [Slot] { [gamma] }

  init(_ channels: Int, _ name: String, _ table: inout ParameterTable) {
    gamma = table.add(name + ".weight", [channels], .constant(1))
  }

  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.save(x)
    let y = pass.make(x.shape)
    pass.withWeight(gamma) { gamma in
      x.withValues { x in
        y.withMutableValues { y in
          parallelFor(&y, rows: gamma.count) { row, y in
            let start = row * gamma.count
            let scale = scale(x, start)
            for c in y.indices { y[c] = gamma[c] * scale * x[start + c] }
          }
        }
      }
    }
    return y
  }

  func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let x = pass.restore()
    let dx = pass.make(x.shape)
    withValues(x, dy) { x, dy in
      // dγ = Σ dy·s·x over all positions, with s = 1/√(mean(x²) + ε)
      pass.withGradient(gamma) { sums in
        for start in stride(from: 0, to: x.count, by: sums.count) {
          let scale = scale(x, start)
          for c in sums.indices { sums[c] += dy[start + c] * scale * x[start + c] }
        }
      }
      // dx = s·(γ·dy − x·s²·mean(γ·dy·x))
      pass.withWeight(gamma) { gamma in
        dx.withMutableValues { dx in
          parallelFor(&dx, rows: gamma.count) { row, dx in
            let start = row * gamma.count
            let scale = scale(x, start)
            var mean: Float = 0
            for c in dx.indices { mean += gamma[c] * dy[start + c] * x[start + c] }
            mean *= scale * scale / Float(gamma.count)
            for c in dx.indices { dx[c] = scale * (gamma[c] * dy[start + c] - mean * x[start + c]) }
          }
        }
      }
    }
    return dx
  }

  /// 1/√(mean(x²) + ε) of the position that begins at `start`.
  private func scale(_ x: Span<Float>, _ start: Int) -> Float {
    var sum: Float = 0
    for c in start..<start + gamma.count { sum += x[c] * x[c] }
    return 1 / (sum / Float(gamma.count) + epsilon).squareRoot()
  }
}

/// A perceptron with residual blocks that are told the noise level.
func makeNetwork(for sampleShape: Shape, width: Int = 64) -> Network {
  var table = ParameterTable()
  let body = Conditioned(noiseEmbedding(width / 4, .sigma, &table)) {
    Linear(sampleShape.channels, width, "in", &table)
    for index in 0..<3 {
      Residual {
        RMSNorm(width, "block\(index).norm", &table)
        AddCondition()
        Linear(width, width, "block\(index).linear", &table)
        SiLU()
      }
    }
    Linear(width, sampleShape.channels, "out", &table)
  }
  return Network(
    name: "rms-perceptron", sampleShape: sampleShape, noiseInput: .sigma, scalesInput: true,
    table: table, body: body)
}

let arguments = Array(CommandLine.arguments.dropFirst())
let steps = arguments.first.flatMap(Int.init) ?? 5000
let file = arguments.count > 1 ? arguments[1] : "spiral.png"

let spiral = BuiltInData.swissroll.make()
let schedule = Schedule.logLinear()
let network = makeNetwork(for: spiral.shape)
for row in network.summary().rows { print("\(row.kind)  \(row.name)  \(row.output)") }

let trainer = Trainer(
  network, on: spiral, schedule: schedule,
  TrainingConfiguration(batchSize: 256, steps: steps, learningRate: LearningRateSchedule(2e-3)))
for metrics in trainer where metrics.step.isMultiple(of: 1000) || metrics.step == steps {
  print("step \(metrics.step)  loss \(metrics.loss)")
}

let trajectory = Trajectory(
  SamplingConfiguration(DDIM(steps: 20), count: 500), schedule: schedule, sample: spiral.shape,
  dataRange: spiral.range, denoiser: trainer.denoiser())
try PNG.write(SampleRenderer(spiral.format).render(trajectory.finish().samples), to: file)
print("\(file): 500 samples")
