internal import CKernels

/// How a kernel moves over an image: its sides, its step, and the border it may look beyond.
///
/// A signal is an image one line high, its kernel one line as well.
package struct KernelGeometry: Sendable, Hashable {
  var height: Int
  var width: Int
  /// Positions from one place of the kernel to the next, down and across.
  var stride: Int
  /// Positions from one tap to the next.
  var dilation: Int
  /// Positions from one input to the next, with zeros between: above 1 for transposed strided convolutions.
  var spacing = 1
  /// Lines and columns of zeros around the image; where negative, it is cropped instead.
  var top: Int
  var left: Int
  var bottom: Int
  var right: Int

  /// A square kernel with the same border on all sides; by default the one that keeps the size at
  /// stride 1.
  package init(_ side: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1) {
    self.init(
      side, side, stride: stride, dilation: dilation,
      vertical: padding ?? dilation * (side - 1) / 2,
      horizontal: padding ?? dilation * (side - 1) / 2)
  }

  private init(
    _ height: Int, _ width: Int, stride: Int, dilation: Int, vertical: Int, horizontal: Int
  ) {
    precondition(
      height > 0 && width > 0 && stride > 0 && dilation > 0 && vertical >= 0 && horizontal >= 0,
      "a geometry of \(height)×\(width), stride \(stride), dilation \(dilation)")
    self.height = height
    self.width = width
    self.stride = stride
    self.dilation = dilation
    (top, bottom) = (vertical, vertical)
    (left, right) = (horizontal, horizontal)
  }

  /// A kernel for signals.
  package static func line(
    _ length: Int, stride: Int = 1, padding: Int? = nil, dilation: Int = 1
  ) -> KernelGeometry {
    KernelGeometry(
      1, length, stride: stride, dilation: dilation, vertical: 0,
      horizontal: padding ?? dilation * (length - 1) / 2)
  }

  /// A kernel as large as an image, which it sees once.
  static func whole(_ height: Int, _ width: Int) -> KernelGeometry {
    KernelGeometry(
      height, width, stride: max(height, width), dilation: 1, vertical: 0, horizontal: 0)
  }

  /// A square kernel with stride 2 and a border on the far sides only, as diffusers halves
  /// images without `downsample_padding`.
  package static func halving(_ side: Int = 3) -> KernelGeometry {
    var geometry = KernelGeometry(side, stride: 2, padding: 0)
    (geometry.bottom, geometry.right) = (1, 1)
    return geometry
  }

  /// The number of taps.
  var taps: Int { height * width }

  /// The shape of what a kernel with `channels` outputs makes of `x`.
  func output(of x: Shape, channels: Int) -> Shape {
    Shape(
      x.batch, side(x.height + top + bottom, height), side(x.width + left + right, width), channels)
  }

  private func side(_ length: Int, _ kernel: Int) -> Int {
    let reach = dilation * (kernel - 1) + 1
    precondition(length >= reach, "a kernel that reaches over \(reach) does not fit into \(length)")
    return (length - reach) / stride + 1
  }

  /// The geometry as the kernels in C take it, from an input to an output.
  func cGeometry(_ input: Shape, _ output: Shape) -> ck_geometry {
    ck_geometry(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width,
      kernel_height: height, kernel_width: width, stride: stride, dilation: dilation,
      pad_top: top, pad_left: left, spacing: spacing)
  }

  /// Whether every position of the input is one patch, so that nothing need be gathered.
  var isPointwise: Bool { self == KernelGeometry(1) }

  /// The geometry of the convolution that computes the input gradient; its padding can be negative.
  var transposed: KernelGeometry {
    var geometry = self
    (geometry.stride, geometry.spacing) = (spacing, stride)
    (geometry.top, geometry.bottom) = (
      dilation * (height - 1) - top, dilation * (height - 1) - bottom
    )
    (geometry.left, geometry.right) = (
      dilation * (width - 1) - left, dilation * (width - 1) - right
    )
    return geometry
  }

  /// Whether there is no spacing and no negative padding, as all algorithms but the indirect one need.
  var isPlain: Bool { spacing == 1 && top >= 0 && bottom >= 0 && left >= 0 && right >= 0 }
}
