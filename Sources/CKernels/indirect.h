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

// Adds the products of `depth` consecutive channels of one tap to columns [column, column + columns), at most 16, of
// `count` output positions; the partial sums are kept in `out`.
INLINE void LEVEL(streamed_block)(float *const *out, const float *const *here, ptrdiff_t channel,
                                  const float *w, ptrdiff_t stride, const ptrdiff_t depth,
                                  ptrdiff_t column, const ptrdiff_t columns, const int count) {
  float edge[ROWS][16], line[16] = {0};
  lane sum[ROWS][PARTS];
  UNROLLED for (int r = 0; r < count; r++) {
    float *from = out[r] + column;
    if (columns < 16) {
      memset(edge[r], 0, sizeof edge[r]);
      from = memcpy(edge[r], from, (size_t)columns * sizeof(float));
    }
    UNROLLED for (int v = 0; v < PARTS; v++) sum[r][v] = load(from + v * W);
  }
  for (ptrdiff_t k = 0; k < depth; k++, w += stride) {
    const float *row = columns < 16 ? memcpy(line, w, (size_t)columns * sizeof(float)) : w;
    lane weight[PARTS];
    UNROLLED for (int v = 0; v < PARTS; v++) weight[v] = load(row + v * W);
    UNROLLED for (int r = 0; r < count; r++)
      UNROLLED for (int v = 0; v < PARTS; v++) sum[r][v] += here[r][channel + k] * weight[v];
  }
  UNROLLED for (int r = 0; r < count; r++) {
    float *to = columns < 16 ? edge[r] : out[r] + column;
    UNROLLED for (int v = 0; v < PARTS; v++) store(to + v * W, sum[r][v]);
    if (columns < 16) memcpy(out[r] + column, to, (size_t)columns * sizeof(float));
  }
}

// Columns [0, columns) of few positions: the weights, (taps, channels, stride), go by once, line by line, and are
// never packed. The sums grow in `out`, in the same order as in registers.
static void LEVEL(streamed)(float *const *out, const float *const *rows, ptrdiff_t count,
                            const float *w, ptrdiff_t stride, const float *zeros, ptrdiff_t taps,
                            ptrdiff_t channels, ptrdiff_t columns) {
  for (ptrdiff_t tap = 0; tap < taps; tap++, rows += CHUNK)
    for (ptrdiff_t channel = 0; channel < channels; channel += 8, w += 8 * stride) {
      ptrdiff_t depth = channels - channel < 8 ? channels - channel : 8;
      ptrdiff_t i = 0;
#define STEP(N)                                                                                 \
  for (; i + N <= count; i += N) {                                                              \
    int outside = 1;                                                                            \
    UNROLLED for (int r = 0; r < N; r++) outside &= rows[i + r] == zeros;                       \
    if (outside) continue;                                                                      \
    ptrdiff_t c = 0;                                                                            \
    if (depth == 8)                                                                             \
      for (; c + 16 <= columns; c += 16)                                                        \
        LEVEL(streamed_block)(out + i, rows + i, channel, w + c, stride, 8, c, 16, N);          \
    for (; c < columns; c += 16)                                                                \
      LEVEL(streamed_block)(out + i, rows + i, channel, w + c, stride, depth, c,                \
                            columns - c < 16 ? columns - c : 16, N);                            \
  }
      STEP(ROWS) STEP(2) STEP(1)
#undef STEP
      if (depth < 8) w -= (8 - depth) * stride;
    }
}
