// Body of winograd.c, compiled for each level. What depends on the side of tiles, OUT outputs, is
// compiled again for each side, as functions named SIDE(name). The transforms are of vectors of
// channels; `os` and `is` are the distances between neighbours in their output and input.

static void LEVEL(multiply_tiles)(float *du, const float *v, const float *d,
                                  ptrdiff_t panel_distance, ptrdiff_t count, int first,
                                  const ck_winograd *s) {
  for (ptrdiff_t p = 0; p < s->output / 16; p++)
    LEVEL(product_of_transpose)(du + 16 * p, s->output, v, d + p * panel_distance, s->input, count,
                                first);
}

#define OUT 4
#define SIDE(name) LEVEL(name##_4)
#include "winograd4.h"
#include "tiles.h"
#undef OUT
#undef SIDE

#define OUT 2
#define SIDE(name) LEVEL(name##_2)
#include "winograd2.h"
#include "tiles.h"
#undef OUT
#undef SIDE
