// Body of winograd.c, compiled for each level: the transforms of vectors of channels. In all of them
// `os` and `is` are the distances between neighbours in the output and the input.

// Six inputs: Bᵀ.
INLINE void LEVEL(spread_input)(lane *o, const int os, const lane *d, const int is) {
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
INLINE void LEVEL(collect_output)(lane *o, const int os, const lane *m, const int is) {
  lane sum_a = m[is] + m[2 * is], difference_a = m[is] - m[2 * is];
  lane sum_b = m[3 * is] + m[4 * is], difference_b = m[3 * is] - m[4 * is];
  o[0] = m[0] + sum_a + sum_b;
  o[os] = POINT_A * difference_a + POINT_B * difference_b;
  o[2 * os] = A2 * sum_a + B2 * sum_b;
  o[3 * os] = POINT_A * A2 * difference_a + POINT_B * B2 * difference_b + m[5 * is];
}

// Four gradients of outputs: A.
INLINE void LEVEL(spread_gradient)(lane *o, const int os, const lane *y, const int is) {
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
INLINE void LEVEL(spread_weight)(lane *o, const int os, const lane *g, const int is) {
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
INLINE void LEVEL(collect_weight)(lane *o, const int os, const lane *u, const int is) {
  lane sum_a = SCALE_A * (u[is] + u[2 * is]), sum_b = SCALE_B * (u[3 * is] + u[4 * is]);
  o[0] = u[0] + sum_a + sum_b;
  o[os] = SCALE_A * POINT_A * (u[is] - u[2 * is]) + SCALE_B * POINT_B * (u[3 * is] - u[4 * is]);
  o[2 * os] = A2 * sum_a + B2 * sum_b + u[5 * is];
}

// The transformed input of the tiles [first, last): v[frequency·distance + tile·channels + channel].
static void LEVEL(input_tiles)(float *v, ptrdiff_t distance, const float *x, const float *zeros,
                               const ck_winograd *s, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t t = first; t < last; t++, v += s->input) {
    const float *at[6][6];
    find_inputs(at, x, zeros, s, t);
    for (ptrdiff_t c = 0; c < s->input; c += W) {
      lane half[6][6];
      UNROLLED for (int j = 0; j < 6; j++) {
        lane column[6];
        UNROLLED for (int i = 0; i < 6; i++) column[i] = load(at[i][j] + c);
        LEVEL(spread_input)(&half[0][j], 6, column, 1);
      }
      UNROLLED for (int i = 0; i < 6; i++) {
        lane row[6];
        LEVEL(spread_input)(row, 1, half[i], 1);
        UNROLLED for (int j = 0; j < 6; j++) store(v + (6 * i + j) * distance + c, row[j]);
      }
    }
  }
}

// A panel of output channels of the tiles [first, last) from their products m[frequency·distance + tile·16].
static void LEVEL(output_tiles)(float *y, const float *m, ptrdiff_t distance, const float *bias,
                                const float *plus, const ck_winograd *s, ptrdiff_t first,
                                ptrdiff_t last) {
  for (ptrdiff_t t = first; t < last; t++, m += 16) {
    const tile place = find_tile(s, t);
    float *to = y + place.output * s->output;
    UNROLLED for (int v = 0; v < PARTS; v++) {
      lane half[4][6], start = bias ? load(bias + v * W) : (lane){0};
      UNROLLED for (int j = 0; j < 6; j++) {
        lane column[6];
        UNROLLED for (int i = 0; i < 6; i++) column[i] = load(m + (6 * i + j) * distance + v * W);
        LEVEL(collect_output)(&half[0][j], 6, column, 1);
      }
      UNROLLED for (int i = 0; i < 4; i++) {
        if (i >= place.height) break;
        lane row[4];
        LEVEL(collect_output)(row, 1, half[i], 1);
        UNROLLED for (int j = 0; j < 4; j++) {
          if (j >= place.width) break;
          float *at = to + (i * s->out_width + j) * s->output + v * W;
          lane value = row[j] + start;
          store(at, plus ? value + load(plus + (at - y)) : value);
        }
      }
    }
  }
}

static void LEVEL(convolve_tiles)(float *y, const float *x, const float *u, const float *bias,
                                  const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                                  ptrdiff_t panel_end, float *scratch, const ck_winograd *s) {
  ptrdiff_t count = last - first, distance = CK_WINOGRAD_DISTANCE(count * s->input);
  ptrdiff_t product_distance = CK_WINOGRAD_DISTANCE(count * 16);
  ptrdiff_t weight_distance = CK_WINOGRAD_DISTANCE(s->input * s->output);
  float *zeros = scratch, *v = zeros + s->input, *m = v + 36 * distance;
  memset(zeros, 0, (size_t)s->input * sizeof(float));
  LEVEL(input_tiles)(v, distance, x, zeros, s, first, last);
  for (ptrdiff_t p = panel; p < panel_end; p++) {
    for (int f = 0; f < 36; f++)
      LEVEL(product)(m + f * product_distance, v + f * distance,
                     u + f * weight_distance + p * s->input * 16, count, s->input);
    LEVEL(output_tiles)(y + 16 * p, m, product_distance, bias ? bias + 16 * p : 0,
                        plus ? plus + 16 * p : 0, s, first, last);
  }
}

// The transformed gradient: d[frequency·distance + panel·panel_distance + tile·16].
static void LEVEL(gradient_tiles)(float *d, ptrdiff_t distance, ptrdiff_t panel_distance,
                                  const float *dy, const float *zeros, const ck_winograd *s,
                                  ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t t = first; t < last; t++, d += 16) {
    const tile place = find_tile(s, t);
    const float *at[4][4];
    for (int i = 0; i < 4; i++)
      for (int j = 0; j < 4; j++)
        at[i][j] = i < place.height && j < place.width
                       ? dy + (place.output + i * s->out_width + j) * s->output : zeros;
    for (ptrdiff_t c = 0; c < s->output; c += W) {
      lane half[6][4];
      UNROLLED for (int j = 0; j < 4; j++) {
        lane column[4];
        UNROLLED for (int i = 0; i < 4; i++) column[i] = load(at[i][j] + c);
        LEVEL(spread_gradient)(&half[0][j], 4, column, 1);
      }
      float *to = d + c / 16 * panel_distance + c % 16;
      UNROLLED for (int i = 0; i < 6; i++) {
        lane row[6];
        LEVEL(spread_gradient)(row, 1, half[i], 1);
        UNROLLED for (int j = 0; j < 6; j++) store(to + (6 * i + j) * distance, row[j]);
      }
    }
  }
}

static void LEVEL(multiply_tiles)(float *du, const float *v, const float *d,
                                  ptrdiff_t panel_distance, ptrdiff_t count, int first,
                                  const ck_winograd *s) {
  for (ptrdiff_t p = 0; p < s->output / 16; p++)
    LEVEL(product_of_transpose)(du + 16 * p, s->output, v, d + p * panel_distance, s->input, count,
                                first);
}

// The panels [panel, panel_end) of the transformed weights.
static void LEVEL(spread_weights)(float *u, const float *w, ptrdiff_t panel, ptrdiff_t panel_end,
                                  const ck_winograd *s) {
  ptrdiff_t distance = CK_WINOGRAD_DISTANCE(s->input * s->output);
  float *to = u + panel * s->input * 16;
  for (; panel < panel_end; panel++)
    for (ptrdiff_t row = 0; row < s->input; row++)
      for (ptrdiff_t v = 0; v < 16; v += W, to += W) {
        lane half[6][3];
        UNROLLED for (int j = 0; j < 3; j++) {
          lane column[3];
          UNROLLED for (int i = 0; i < 3; i++)
            column[i] = load(w + ((3 * i + j) * s->input + row) * s->output + 16 * panel + v);
          LEVEL(spread_weight)(&half[0][j], 3, column, 1);
        }
        UNROLLED for (int i = 0; i < 6; i++) {
          lane line[6];
          LEVEL(spread_weight)(line, 1, half[i], 1);
          UNROLLED for (int j = 0; j < 6; j++) store(to + (6 * i + j) * distance, line[j]);
        }
      }
}

// Adds rows [row, row_end) of the gradient of the weights.
static void LEVEL(collect_weights)(float *dw, const float *du, ptrdiff_t row, ptrdiff_t row_end,
                                   const ck_winograd *s) {
  ptrdiff_t distance = CK_WINOGRAD_DISTANCE(s->input * s->output);
  for (ptrdiff_t n = row * s->output; n < row_end * s->output; n += W) {
    lane half[3][6];
    UNROLLED for (int j = 0; j < 6; j++) {
      lane column[6];
      UNROLLED for (int i = 0; i < 6; i++) column[i] = load(du + (6 * i + j) * distance + n);
      LEVEL(collect_weight)(&half[0][j], 6, column, 1);
    }
    UNROLLED for (int i = 0; i < 3; i++) {
      lane line[3];
      LEVEL(collect_weight)(line, 1, half[i], 1);
      UNROLLED for (int j = 0; j < 3; j++) {
        float *to = dw + (3 * i + j) * s->input * s->output + n;
        store(to, load(to) + line[j]);
      }
    }
  }
}
