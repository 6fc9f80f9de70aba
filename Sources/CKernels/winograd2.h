// The transforms of F(2×2, 3×3), at the points 0, ±1 and ∞; included by winograd.h.

// Four inputs: Bᵀ.
INLINE void SIDE(spread_input)(lane *o, const int os, const lane *d, const int is) {
  o[0] = d[0] - d[2 * is];
  o[os] = d[2 * is] + d[is];
  o[2 * os] = d[2 * is] - d[is];
  o[3 * os] = d[3 * is] - d[is];
}

// Four products to two outputs: Aᵀ.
INLINE void SIDE(collect_output)(lane *o, const int os, const lane *m, const int is) {
  o[0] = m[0] + m[is] + m[2 * is];
  o[os] = m[is] - m[2 * is] + m[3 * is];
}

// Two gradients of outputs: A.
INLINE void SIDE(spread_gradient)(lane *o, const int os, const lane *y, const int is) {
  o[0] = y[0];
  o[os] = y[0] + y[is];
  o[2 * os] = y[0] - y[is];
  o[3 * os] = y[is];
}

// Three taps: G.
INLINE void SIDE(spread_weight)(lane *o, const int os, const lane *g, const int is) {
  o[0] = g[0];
  lane even = 0.5f * (g[0] + g[2 * is]), odd = 0.5f * g[is];
  o[os] = even + odd;
  o[2 * os] = even - odd;
  o[3 * os] = g[2 * is];
}

// Four sums to the gradient of three taps: Gᵀ.
INLINE void SIDE(collect_weight)(lane *o, const int os, const lane *u, const int is) {
  lane sum = 0.5f * (u[is] + u[2 * is]);
  o[0] = u[0] + sum;
  o[os] = 0.5f * (u[is] - u[2 * is]);
  o[2 * os] = sum + u[3 * is];
}
