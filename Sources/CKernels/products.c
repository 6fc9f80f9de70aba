// Matrix products whose right operand is packed once and shared by all workers.
//
// A panel stays in the L1 cache while blocks of rows of the left operand stream past it; sums stay in
// registers (Goto and van de Geijn 2008, "Anatomy of High-Performance Matrix Multiplication",
// https://doi.org/10.1145/1356052.1356053).

#define BODY "products.h"
#include "levels.h"

void ck_pack_panels(float *panels, const float *b, ptrdiff_t row, ptrdiff_t column, ptrdiff_t k,
                    ptrdiff_t n, ptrdiff_t panel, ptrdiff_t panel_end) {
  for (; panel < panel_end; panel++) {
    ptrdiff_t columns = n - 16 * panel < 16 ? n - 16 * panel : 16;
    float *to = panels + panel * 16 * k;
    const float *from = b + 16 * panel * column;
    if (columns < 16) memset(to, 0, (size_t)(16 * k) * sizeof(float));
    if (column == 1 && columns == 16)
      for (ptrdiff_t i = 0; i < k; i++) memcpy(to + 16 * i, from + i * row, 16 * sizeof(float));
    else if (column == 1)
      for (ptrdiff_t i = 0; i < k; i++)
        memcpy(to + 16 * i, from + i * row, (size_t)columns * sizeof(float));
    else
      // 16 rows at a time: each cache line of b is read in full while the lines being written stay in the cache.
      for (ptrdiff_t start = 0; start < k; start += 16)
        for (ptrdiff_t j = 0; j < columns; j++)
          for (ptrdiff_t i = start; i < k && i < start + 16; i++)
            to[16 * i + j] = from[i * row + j * column];
  }
}

void ck_multiply_panels(float *c, ptrdiff_t stride, const float *a, ptrdiff_t a_row,
                        ptrdiff_t a_column, const float *panels, ptrdiff_t m, ptrdiff_t n,
                        ptrdiff_t k, int first, float *scratch, int level) {
  DISPATCH(level, multiply, c, stride, a, a_row, a_column, panels, m, n, k, first, scratch);
}

int ck_block_rows(int level) {
  int rows;
  DISPATCH(level, block_rows, &rows);
  return rows;
}
