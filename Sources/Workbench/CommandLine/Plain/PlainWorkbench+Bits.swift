import Diffusion
import TUI

/// The variational bound, in lines.
extension PlainWorkbench {
  /// Measures the newest weights; training goes on meanwhile.
  mutating func sayBits() throws {
    guard let model = session.model else { throw PlainProblem("there are no weights yet") }
    var measurement: BoundMeasurement
    do throws(BoundProblem) {
      measurement = try BoundMeasurement(of: model, session: session.number)
    } catch {
      throw PlainProblem(error.description)
    }
    while !measurement.isComplete { measurement = measurement.advanced() }
    let bound = measurement.bound
    guard bound.total.isFinite else { throw PlainProblem("the network's answers are not finite") }
    say(
      "\(Numbers.short(bound.total, significant: 4)) bits per value at step "
        + "\(Numbers.grouped(measurement.step)), of \(measurement.subject); half of them at t = 0 to "
        + "\(measurement.half.upperBound)")
    for row in BoundTable(terms: bound.terms, prior: bound.prior).rows {
      let name = row.name.first?.isNumber == true ? "t \(row.name)" : row.name
      say("\(name): \(Numbers.fixed(row.bits, 4))")
    }
  }
}
