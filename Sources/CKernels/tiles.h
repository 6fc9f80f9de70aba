// Tiles of OUT×OUT outputs from IN×IN inputs; included by winograd.h after their transforms.

INLINE tile SIDE(find_tile)(const ck_winograd *s, ptrdiff_t index) {
  ptrdiff_t across = (s->out_width + OUT - 1) / OUT, down = (s->out_height + OUT - 1) / OUT;
  tile t;
  t.sample = index / (across * down);
  t.y = index / across % down * OUT;
  t.x = index % across * OUT;
  t.output = (t.sample * s->out_height + t.y) * s->out_width + t.x;
  t.height = s->out_height - t.y;
  t.width = s->out_width - t.x;
  return t;
}

// Where the inputs of a tile lie, `zeros` for those outside the image.
INLINE void SIDE(find_inputs)(const float *at[IN][IN], const float *x, const float *zeros,
                              const ck_winograd *s, ptrdiff_t index) {
  const tile t = SIDE(find_tile)(s, index);
  const float *image = x + t.sample * s->height * s->width * s->input;
  for (int i = 0; i < IN; i++)
    for (int j = 0; j < IN; j++) {
      ptrdiff_t row = t.y - s->pad_top + i, column = t.x - s->pad_left + j;
      int inside = row >= 0 && row < s->height && column >= 0 && column < s->width;
      at[i][j] = inside ? image + (row * s->width + column) * s->input : zeros;
    }
}

// The transformed input of the tiles [first, last): v[frequency·distance + tile·channels + channel].
static void SIDE(input_tiles)(float *v, ptrdiff_t distance, const float *x, const float *zeros,
                              const ck_winograd *s, ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t t = first; t < last; t++, v += s->input) {
    const float *at[IN][IN];
    SIDE(find_inputs)(at, x, zeros, s, t);
    for (ptrdiff_t c = 0; c < s->input; c += W) {
      lane half[IN][IN];
      UNROLLED for (int j = 0; j < IN; j++) {
        lane column[IN];
        UNROLLED for (int i = 0; i < IN; i++) column[i] = load(at[i][j] + c);
        SIDE(spread_input)(&half[0][j], IN, column, 1);
      }
      UNROLLED for (int i = 0; i < IN; i++) {
        lane row[IN];
        SIDE(spread_input)(row, 1, half[i], 1);
        UNROLLED for (int j = 0; j < IN; j++) store(v + (IN * i + j) * distance + c, row[j]);
      }
    }
  }
}

// A panel of output channels of the tiles [first, last) from their products
// m[frequency·distance + tile·16].
static void SIDE(output_tiles)(float *y, const float *m, ptrdiff_t distance, const float *bias,
                               const float *plus, const ck_winograd *s, ptrdiff_t first,
                               ptrdiff_t last) {
  for (ptrdiff_t t = first; t < last; t++, m += 16) {
    const tile place = SIDE(find_tile)(s, t);
    float *to = y + place.output * s->output;
    UNROLLED for (int v = 0; v < PARTS; v++) {
      lane half[OUT][IN], start = bias ? load(bias + v * W) : (lane){0};
      UNROLLED for (int j = 0; j < IN; j++) {
        lane column[IN];
        UNROLLED for (int i = 0; i < IN; i++) column[i] = load(m + (IN * i + j) * distance + v * W);
        SIDE(collect_output)(&half[0][j], IN, column, 1);
      }
      UNROLLED for (int i = 0; i < OUT; i++) {
        if (i >= place.height) break;
        lane row[OUT];
        SIDE(collect_output)(row, 1, half[i], 1);
        UNROLLED for (int j = 0; j < OUT; j++) {
          if (j >= place.width) break;
          float *at = to + (i * s->out_width + j) * s->output + v * W;
          lane value = row[j] + start;
          store(at, plus ? value + load(plus + (at - y)) : value);
        }
      }
    }
  }
}

static void SIDE(convolve_tiles)(float *y, const float *x, const float *u, const float *bias,
                                 const float *plus, ptrdiff_t first, ptrdiff_t last,
                                 ptrdiff_t panel, ptrdiff_t panel_end, float *scratch,
                                 const ck_winograd *s) {
  ptrdiff_t count = last - first, distance = CK_WINOGRAD_DISTANCE(count * s->input);
  ptrdiff_t product_distance = CK_WINOGRAD_DISTANCE(count * 16);
  ptrdiff_t weight_distance = CK_WINOGRAD_DISTANCE(s->input * s->output);
  float *zeros = scratch, *v = zeros + s->input, *m = v + IN * IN * distance;
  memset(zeros, 0, (size_t)s->input * sizeof(float));
  SIDE(input_tiles)(v, distance, x, zeros, s, first, last);
  for (ptrdiff_t p = panel; p < panel_end; p++) {
    for (int f = 0; f < IN * IN; f++)
      LEVEL(product)(m + f * product_distance, v + f * distance,
                     u + f * weight_distance + p * s->input * 16, count, s->input);
    SIDE(output_tiles)(y + 16 * p, m, product_distance, bias ? bias + 16 * p : 0,
                       plus ? plus + 16 * p : 0, s, first, last);
  }
}

// The transformed gradient: d[frequency·distance + panel·panel_distance + tile·16].
static void SIDE(gradient_tiles)(float *d, ptrdiff_t distance, ptrdiff_t panel_distance,
                                 const float *dy, const float *zeros, const ck_winograd *s,
                                 ptrdiff_t first, ptrdiff_t last) {
  for (ptrdiff_t t = first; t < last; t++, d += 16) {
    const tile place = SIDE(find_tile)(s, t);
    const float *at[OUT][OUT];
    for (int i = 0; i < OUT; i++)
      for (int j = 0; j < OUT; j++)
        at[i][j] = i < place.height && j < place.width
                       ? dy + (place.output + i * s->out_width + j) * s->output : zeros;
    for (ptrdiff_t c = 0; c < s->output; c += W) {
      lane half[IN][OUT];
      UNROLLED for (int j = 0; j < OUT; j++) {
        lane column[OUT];
        UNROLLED for (int i = 0; i < OUT; i++) column[i] = load(at[i][j] + c);
        SIDE(spread_gradient)(&half[0][j], OUT, column, 1);
      }
      float *to = d + c / 16 * panel_distance + c % 16;
      UNROLLED for (int i = 0; i < IN; i++) {
        lane row[IN];
        SIDE(spread_gradient)(row, 1, half[i], 1);
        UNROLLED for (int j = 0; j < IN; j++) store(to + (IN * i + j) * distance, row[j]);
      }
    }
  }
}

// The panels [panel, panel_end) of the transformed weights.
static void SIDE(spread_weights)(float *u, const float *w, ptrdiff_t panel, ptrdiff_t panel_end,
                                 const ck_winograd *s) {
  ptrdiff_t distance = CK_WINOGRAD_DISTANCE(s->input * s->output);
  float *to = u + panel * s->input * 16;
  for (; panel < panel_end; panel++)
    for (ptrdiff_t row = 0; row < s->input; row++)
      for (ptrdiff_t v = 0; v < 16; v += W, to += W) {
        lane half[IN][3];
        UNROLLED for (int j = 0; j < 3; j++) {
          lane column[3];
          UNROLLED for (int i = 0; i < 3; i++)
            column[i] = load(w + ((3 * i + j) * s->input + row) * s->output + 16 * panel + v);
          SIDE(spread_weight)(&half[0][j], 3, column, 1);
        }
        UNROLLED for (int i = 0; i < IN; i++) {
          lane line[IN];
          SIDE(spread_weight)(line, 1, half[i], 1);
          UNROLLED for (int j = 0; j < IN; j++) store(to + (IN * i + j) * distance, line[j]);
        }
      }
}

// Adds rows [row, row_end) of the gradient of the weights.
static void SIDE(collect_weights)(float *dw, const float *du, ptrdiff_t row, ptrdiff_t row_end,
                                  const ck_winograd *s) {
  ptrdiff_t distance = CK_WINOGRAD_DISTANCE(s->input * s->output);
  for (ptrdiff_t n = row * s->output; n < row_end * s->output; n += W) {
    lane half[3][IN];
    UNROLLED for (int j = 0; j < IN; j++) {
      lane column[IN];
      UNROLLED for (int i = 0; i < IN; i++) column[i] = load(du + (IN * i + j) * distance + n);
      SIDE(collect_weight)(&half[0][j], IN, column, 1);
    }
    UNROLLED for (int i = 0; i < 3; i++) {
      lane line[3];
      SIDE(collect_weight)(line, 1, half[i], 1);
      UNROLLED for (int j = 0; j < 3; j++) {
        float *to = dw + (3 * i + j) * s->input * s->output + n;
        store(to, load(to) + line[j]);
      }
    }
  }
}
