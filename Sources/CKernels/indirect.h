// Body of indirect.c, compiled for each level.

// `count` output positions × one panel of channels; rows[tap·stride + r] is where the tap of
// position r lies, `zeros` if that is outside.
INLINE void LEVEL(positions_block)(float *const *out, const float *const *rows, ptrdiff_t stride,
                                   const float *panel, const float *start, const float *zeros,
                                   const float *y, const float *plus, ptrdiff_t taps,
                                   ptrdiff_t channels, ptrdiff_t columns, const int count) {
  lane sum[ROWS][PARTS];
  UNROLLED for (int r = 0; r < count; r++)
    UNROLLED for (int v = 0; v < PARTS; v++) sum[r][v] = load(start + v * W);
  for (ptrdiff_t tap = 0; tap < taps; tap++, rows += stride, panel += 16 * channels) {
    const float *here[ROWS];
    int outside = 1;
    UNROLLED for (int r = 0; r < count; r++) {
      here[r] = rows[r];
      outside &= here[r] == zeros;
    }
    if (!outside) LEVEL(add_products)(sum, here, panel, channels, count);
  }
  UNROLLED for (int r = 0; r < count; r++) {
    float row[16];
    float *to = columns == 16 ? out[r] : row;
    const float *add = plus ? plus + (out[r] - y) : 0;
    UNROLLED for (int v = 0; v < PARTS; v++)
      store(to + v * W, add && columns == 16 ? sum[r][v] + load(add + v * W) : sum[r][v]);
    if (columns == 16) continue;
    for (ptrdiff_t c = 0; c < columns; c++) out[r][c] = add ? row[c] + add[c] : row[c];
  }
}

static void LEVEL(positions)(float *const *out, const float *const *rows, ptrdiff_t count,
                             const float *panel, const float *start, const float *zeros,
                             const float *y, const float *plus, ptrdiff_t taps, ptrdiff_t channels,
                             ptrdiff_t columns) {
  ptrdiff_t i = 0;
#define STEP(N)                                                                               \
  for (; i + N <= count; i += N)                                                              \
    LEVEL(positions_block)(out + i, rows + i, CHUNK, panel, start, zeros, y, plus, taps,      \
                           channels, columns, N);
  STEP(ROWS) STEP(2) STEP(1)
#undef STEP
}
