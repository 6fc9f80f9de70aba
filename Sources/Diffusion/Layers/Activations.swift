internal import CKernels

/// y = x·sigmoid(x).
public struct SiLU: Layer {
  /// The activation; it has no parameters.
  public init() {}

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor { mapped(x, pass, ck_silu) }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { chained(dy, pass, ck_silu_backward) }
}

/// y = x·Φ(x), Φ the normal distribution function.
///
/// Source: Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>.
public struct GELU: Layer {
  /// How Φ is computed.
  package enum Form: Sendable {
    /// By the error function.
    case exact
    /// Φ(x) ≈ ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
    case tanh
  }

  let form: Form

  /// The exact activation.
  public init() { self.init(.exact) }

  /// The activation in one of its forms.
  package init(_ form: Form) { self.form = form }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    mapped(x, pass, form == .exact ? ck_gelu : ck_gelu_tanh)
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    chained(dy, pass, form == .exact ? ck_gelu_backward : ck_gelu_tanh_backward)
  }
}

/// y = x where x > 0, else exp(x) − 1.
///
/// Source: Clevert, Unterthiner and Hochreiter 2015, <https://arxiv.org/abs/1511.07289>.
package struct ELU: Layer {
  /// The activation; it has no parameters.
  package init() {}

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor { mapped(x, pass, ck_elu) }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { chained(dy, pass, ck_elu_backward) }
}

/// y = x·tanh(ln(1 + exp x)).
///
/// Source: Misra 2019, <https://arxiv.org/abs/1908.08681>.
package struct Mish: Layer {
  /// The activation; it has no parameters.
  package init() {}

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor { mapped(x, pass, ck_mish) }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    chained(dy, pass, ck_mish_backward)
  }
}

/// y = max(x, 0).
public struct ReLU: Layer {
  /// The activation; it has no parameters.
  public init() {}

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor { mapped(x, pass, ck_relu) }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { chained(dy, pass, ck_relu_backward) }
}

private typealias Floats = UnsafePointer<Float>
private typealias MutableFloats = UnsafeMutablePointer<Float>

/// y = f(x) elementwise; x is saved.
private func mapped(
  _ x: Tensor, _ pass: Pass, _ f: (MutableFloats, Floats, Int) -> Void
) -> Tensor {
  pass.save(x)
  let result = pass.make(x.shape)
  let (y, x) = (result.pointer, x.pointer)
  parallelFor(result.count, grain: elementwiseGrain) { range in
    f(y + range.lowerBound, x + range.lowerBound, range.count)
  }
  return result
}

/// dx = f′(x)·dy elementwise, with the x that was saved.
private func chained(
  _ dy: Tensor, _ pass: Pass, _ f: (MutableFloats, Floats, Floats, Int) -> Void
) -> Tensor {
  let saved = pass.restore()
  defer { extendLifetime(saved) }
  let result = pass.make(dy.shape)
  let (dx, x, dy) = (result.pointer, saved.pointer, dy.pointer)
  parallelFor(result.count, grain: elementwiseGrain) { range in
    let start = range.lowerBound
    f(dx + start, x + start, dy + start, range.count)
  }
  return result
}
