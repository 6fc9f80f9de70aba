import Diffusion
import Testing

@Suite("What authors of layers and samplers build on")
struct PublicInterfaceTests {
  @Test("parts and rows cover all numbers once, with scratch memory that no other row uses")
  func parallel() {
    let pass = Pass(.evaluate, ParameterTable(), weights: ParameterTable().makeBlock())
    let tensor = Tensor(Shape(50, 1, 1, 40))
    tensor.withMutableValues { numbers in
      parallelFor(&numbers, grain: 7) { start, part in
        for i in part.indices { part[i] += Float(start + i) }
      }
      parallelFor(&numbers, rows: 40) { row, part in
        for i in part.indices { part[i] += 10_000 * Float(row) }
      }
      pass.parallelFor(&numbers, rows: 40, scratch: 40) { row, part, scratch in
        for i in part.indices { scratch[i] = part[i] }
        for i in part.indices { part[i] = scratch[39 - i] }
      }
    }
    let expected = (0..<2000).map { index in
      let (row, column) = (index / 40, index % 40)
      return Float(40 * row + 39 - column) + 10_000 * Float(row)
    }
    #expect(tensor.values == expected)
    tensor.withValues { #expect($0.count == 2000) }
  }

  @Test("a path's last frame has the samples one by one")
  func finish() {
    let data = BuiltInData.grid.make()
    let path = Trajectory(
      SamplingConfiguration(DDIM(steps: 5), count: 3), schedule: Schedule.logLinear(),
      sample: data.shape, dataRange: data.range,
      denoiser: IdealDenoiser(
        (0..<data.count).flatMap { data[$0] }, data.shape.with(batch: data.count)))
    #expect(path.next()?.index == 0)
    let end = path.finish()
    #expect(end.isLast)
    #expect(end.samples.count == 3)
    #expect(end.samples.flatMap(\.self) == end.x)
    let further = path.next()
    #expect(further?.index == nil)
  }
}
