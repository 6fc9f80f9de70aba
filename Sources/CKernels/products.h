// Body of products.c, compiled for each level.

// Columns [0, columns) of a tile of `count` rows: c (+)= a·panel.
INLINE void LEVEL(tile)(float *c, ptrdiff_t stride, const float *a, ptrdiff_t a_stride,
                        int is_packed, const float *panel, ptrdiff_t k, ptrdiff_t columns,
                        int first, const int count) {
  float edge[ROWS * 16];
  if (columns < 16) memset(edge, 0, sizeof edge);
  float *to = columns == 16 ? c : edge;
  ptrdiff_t to_stride = columns == 16 ? stride : 16;
  if (columns < 16 && !first)
    for (int r = 0; r < count; r++)
      memcpy(edge + 16 * r, c + r * stride, (size_t)columns * sizeof(float));
  if (is_packed)
    LEVEL(gradient_block)(to, to_stride, a, count, panel, k, first, count);
  else
    LEVEL(product_block)(to, to_stride, a, a_stride, panel, k, first, count);
  if (columns < 16)
    for (int r = 0; r < count; r++)
      memcpy(c + r * stride, edge + 16 * r, (size_t)columns * sizeof(float));
}

// Packs a, stored transposed with rows `stride` apart, so that each column of a tile is contiguous.
INLINE void LEVEL(pack_rows)(float *packed, const float *a, ptrdiff_t stride, ptrdiff_t m,
                             ptrdiff_t k) {
  ptrdiff_t i = 0;
#define STEP(N)                                                                 \
  for (; i + N <= m; i += N)                                                    \
    for (ptrdiff_t j = 0; j < k; j++, packed += N)                              \
      UNROLLED for (int r = 0; r < N; r++) packed[r] = a[j * stride + i + r];
  STEP(ROWS) STEP(2) STEP(1)
#undef STEP
}

static void LEVEL(multiply)(float *c, ptrdiff_t stride, const float *a, ptrdiff_t a_row,
                            ptrdiff_t a_column, const float *panels, ptrdiff_t m, ptrdiff_t n,
                            ptrdiff_t k, int first, float *scratch) {
  const int is_packed = a_column != 1;
  for (ptrdiff_t start = 0; start < k; start += CK_PRODUCT_DEPTH, first = 0) {
    ptrdiff_t depth = k - start < CK_PRODUCT_DEPTH ? k - start : CK_PRODUCT_DEPTH;
    if (is_packed) LEVEL(pack_rows)(scratch, a + start * a_column, a_column, m, depth);
    for (ptrdiff_t column = 0; column < n; column += 16) {
      const float *panel = panels + column * k + start * 16;
      ptrdiff_t columns = n - column < 16 ? n - column : 16, i = 0;
#define STEP(N)                                                                             \
  for (; i + N <= m; i += N)                                                                \
    LEVEL(tile)(c + i * stride + column, stride,                                            \
                is_packed ? scratch + i * depth : a + i * a_row + start, a_row, is_packed,  \
                panel, depth, columns, first, N);
      STEP(ROWS) STEP(2) STEP(1)
#undef STEP
    }
  }
}

static void LEVEL(block_rows)(int *rows) { *rows = ROWS; }
