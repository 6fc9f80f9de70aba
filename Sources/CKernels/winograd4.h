// The transforms of F(4×4, 3×3), at the points 0, ±√½, ±√2 and ∞; included by winograd.h.

#define A2 0.5f   // a², and POINT_A is a
#define B2 2.0f
#define POINT_A 0.70710678118654752f
#define POINT_B 1.41421356237309505f
#define MIDDLE 2.5f                // a² + b²; a²·b² = 1
#define SCALE_A (-2.0f / 3.0f)     // 1/(2a²(a² − b²))
#define SCALE_B (1.0f / 6.0f)      // 1/(2b²(b² − a²))

// Six inputs: Bᵀ.
INLINE void SIDE(spread_input)(lane *o, const int os, const lane *d, const int is) {
  o[0] = d[0] - MIDDLE * d[2 * is] + d[4 * is];
  lane even = d[4 * is] - B2 * d[2 * is], odd = POINT_A * (d[3 * is] - B2 * d[is]);
  o[os] = even + odd;
  o[2 * os] = even - odd;
  even = d[4 * is] - A2 * d[2 * is];
  odd = POINT_B * (d[3 * is] - A2 * d[is]);
  o[3 * os] = even + odd;
  o[4 * os] = even - odd;
  o[5 * os] = d[is] - MIDDLE * d[3 * is] + d[5 * is];
}

// Six products to four outputs: Aᵀ.
INLINE void SIDE(collect_output)(lane *o, const int os, const lane *m, const int is) {
  lane sum_a = m[is] + m[2 * is], difference_a = m[is] - m[2 * is];
  lane sum_b = m[3 * is] + m[4 * is], difference_b = m[3 * is] - m[4 * is];
  o[0] = m[0] + sum_a + sum_b;
  o[os] = POINT_A * difference_a + POINT_B * difference_b;
  o[2 * os] = A2 * sum_a + B2 * sum_b;
  o[3 * os] = POINT_A * A2 * difference_a + POINT_B * B2 * difference_b + m[5 * is];
}

// Four gradients of outputs: A.
INLINE void SIDE(spread_gradient)(lane *o, const int os, const lane *y, const int is) {
  o[0] = y[0];
  lane even = y[0] + A2 * y[2 * is], odd = POINT_A * (y[is] + A2 * y[3 * is]);
  o[os] = even + odd;
  o[2 * os] = even - odd;
  even = y[0] + B2 * y[2 * is];
  odd = POINT_B * (y[is] + B2 * y[3 * is]);
  o[3 * os] = even + odd;
  o[4 * os] = even - odd;
  o[5 * os] = y[3 * is];
}

// Three taps: G.
INLINE void SIDE(spread_weight)(lane *o, const int os, const lane *g, const int is) {
  o[0] = g[0];
  lane even = SCALE_A * (g[0] + A2 * g[2 * is]), odd = SCALE_A * POINT_A * g[is];
  o[os] = even + odd;
  o[2 * os] = even - odd;
  even = SCALE_B * (g[0] + B2 * g[2 * is]);
  odd = SCALE_B * POINT_B * g[is];
  o[3 * os] = even + odd;
  o[4 * os] = even - odd;
  o[5 * os] = g[2 * is];
}

// Six sums to the gradient of three taps: Gᵀ.
INLINE void SIDE(collect_weight)(lane *o, const int os, const lane *u, const int is) {
  lane sum_a = SCALE_A * (u[is] + u[2 * is]), sum_b = SCALE_B * (u[3 * is] + u[4 * is]);
  o[0] = u[0] + sum_a + sum_b;
  o[os] = SCALE_A * POINT_A * (u[is] - u[2 * is]) + SCALE_B * POINT_B * (u[3 * is] - u[4 * is]);
  o[2 * os] = A2 * sum_a + B2 * sum_b + u[5 * is];
}

#undef A2
#undef B2
#undef POINT_A
#undef POINT_B
#undef MIDDLE
#undef SCALE_A
#undef SCALE_B
