// Blocks of a matrix product that stay in registers; included by levels.h.
//
// A panel is 16 neighbouring columns of a matrix, row by row.

#define PARTS (16 / W)  // vectors in a row of a panel
#define lane LEVEL(lane)
#define load LEVEL(load)
#define store LEVEL(store)

typedef float lane __attribute__((vector_size(4 * W), aligned(4)));

INLINE lane load(const float *p) { return *(const lane *)p; }
INLINE void store(float *p, lane v) { *(lane *)p = v; }

// sum[r] += rows[r]·panel for `count` rows of n numbers.
INLINE void LEVEL(add_products)(lane sum[ROWS][PARTS], const float *const *rows, const float *panel,
                                ptrdiff_t n, const int count) {
  for (ptrdiff_t k = 0; k < n; k++, panel += 16) {
    lane column[PARTS];
    UNROLLED for (int v = 0; v < PARTS; v++) column[v] = load(panel + v * W);
    UNROLLED for (int r = 0; r < count; r++)
      UNROLLED for (int v = 0; v < PARTS; v++) sum[r][v] += rows[r][k] * column[v];
  }
}

INLINE void LEVEL(product_block)(float *c, ptrdiff_t stride, const float *a, ptrdiff_t a_stride,
                                 const float *panel, ptrdiff_t n, int first, const int count) {
  lane sum[ROWS][PARTS];
  const float *rows[ROWS];
  UNROLLED for (int r = 0; r < count; r++) {
    rows[r] = a + r * a_stride;
    UNROLLED for (int v = 0; v < PARTS; v++)
      sum[r][v] = first ? (lane){0} : load(c + r * stride + v * W);
  }
  LEVEL(add_products)(sum, rows, panel, n, count);
  UNROLLED for (int r = 0; r < count; r++)
    UNROLLED for (int v = 0; v < PARTS; v++) store(c + r * stride + v * W, sum[r][v]);
}

// c (m, 16) = a (m, n)·panel (n, 16).
INLINE void LEVEL(product)(float *c, const float *a, const float *panel, ptrdiff_t m, ptrdiff_t n) {
  ptrdiff_t i = 0;
#define STEP(N) \
  for (; i + N <= m; i += N) LEVEL(product_block)(c + 16 * i, 16, a + i * n, n, panel, n, 1, N);
  STEP(ROWS) STEP(2) STEP(1)
#undef STEP
}

INLINE void LEVEL(gradient_block)(float *c, ptrdiff_t stride, const float *a, ptrdiff_t a_stride,
                                  const float *panel, ptrdiff_t n, int first, const int count) {
  lane sum[ROWS][PARTS];
  UNROLLED for (int r = 0; r < count; r++)
    UNROLLED for (int v = 0; v < PARTS; v++)
      sum[r][v] = first ? (lane){0} : load(c + r * stride + v * W);
  for (ptrdiff_t k = 0; k < n; k++, panel += 16, a += a_stride) {
    lane column[PARTS];
    UNROLLED for (int v = 0; v < PARTS; v++) column[v] = load(panel + v * W);
    UNROLLED for (int r = 0; r < count; r++)
      UNROLLED for (int v = 0; v < PARTS; v++) sum[r][v] += a[r] * column[v];
  }
  UNROLLED for (int r = 0; r < count; r++)
    UNROLLED for (int v = 0; v < PARTS; v++) store(c + r * stride + v * W, sum[r][v]);
}

// c (m rows of `stride`, 16) += aᵀ·panel, where a is (n, m) and the panel (n, 16); `first`: c = aᵀ·panel.
INLINE void LEVEL(product_of_transpose)(float *c, ptrdiff_t stride, const float *a,
                                        const float *panel, ptrdiff_t m, ptrdiff_t n, int first) {
  ptrdiff_t i = 0;
#define STEP(N)           \
  for (; i + N <= m; i += N) \
    LEVEL(gradient_block)(c + i * stride, stride, a + i, m, panel, n, first, N);
  STEP(ROWS) STEP(2) STEP(1)
#undef STEP
}
