#pragma once
#include <stddef.h>
#include <stdint.h>

// Vector loops compiled for several processors and picked when the program is loaded.
// Everything is float32, channels last; `n` counts floats; pointers must not overlap unless said.
// Each loop has a plain Swift twin in Tests/DiffusionTests.

// --- processor.c
int ck_processors(void);   // processors this process may run on
void ck_pause(void);       // tells the processor that the thread waits for memory to change
void ck_yield(void);       // lets other threads have the processor
void ck_return_large_blocks(void);  // glibc only: blocks of 256 KiB or more go back to the system when freed
int ck_has_avx512(void);   // 1 if the processor has the AVX-512 subsets of Skylake servers
/// The kernels that are used where `wanted` are asked for, or the best (0): 4 with AVX-512, 3 with AVX2,
/// 1 for any processor.
int ck_level(int wanted);

// --- elementwise.c (out may be x or y)
void ck_add(float *out, const float *x, const float *y, ptrdiff_t n);
void ck_combine(float *out, float a, const float *x, float b, const float *y, ptrdiff_t n);
void ck_clamp(float *x, float low, float high, ptrdiff_t n);
double ck_sum_squares(const float *x, ptrdiff_t n);
double ck_squared_distance(const float *x, const float *y, ptrdiff_t n);
/// dy = scale·(y − target); returns Σ (y − target)².
double ck_mse(float *dy, const float *y, const float *target, float scale, ptrdiff_t n);
/// y = x with `row` (n floats) added to each of its rows.
void ck_add_row_to(float *y, const float *x, const float *row, ptrdiff_t rows, ptrdiff_t n);
/// Sets every row to `row`, or to that of `plus`, or to their sum; both may be NULL. Returns whether one is
/// not, so that there is something to add to.
int ck_start_rows(float *y, const float *row, const float *plus, ptrdiff_t rows, ptrdiff_t n);
/// sums[j] += Σ over rows of x[row][j].
void ck_column_sums(float *sums, const float *x, ptrdiff_t rows, ptrdiff_t n);

// --- activations.c
void ck_silu(float *y, const float *x, ptrdiff_t n);
void ck_silu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n);
void ck_gelu(float *y, const float *x, ptrdiff_t n);
void ck_gelu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n);
void ck_gelu_tanh(float *y, const float *x, ptrdiff_t n);
void ck_gelu_tanh_backward(float *dx, const float *x, const float *dy, ptrdiff_t n);
void ck_elu(float *y, const float *x, ptrdiff_t n);
void ck_elu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n);
void ck_mish(float *y, const float *x, ptrdiff_t n);
void ck_mish_backward(float *dx, const float *x, const float *dy, ptrdiff_t n);
void ck_relu(float *y, const float *x, ptrdiff_t n);
void ck_relu_backward(float *dx, const float *x, const float *dy, ptrdiff_t n);

// --- groupnorm.c, one sample: x is (positions, channels)
typedef struct {
  ptrdiff_t positions, channels, groups;
  float epsilon;
  int silu;  // 1: followed by SiLU
} ck_group_norm_shape;
/// `mean` and `scale` (1/std) receive one number a group.
void ck_group_norm(float *y, const float *x, const float *gamma, const float *beta, float *mean,
                   float *scale, const ck_group_norm_shape *shape);
/// `dgamma` and `dbeta` receive this sample's share; `plus`, unless it is NULL, is added to dx.
void ck_group_norm_backward(float *dx, float *dgamma, float *dbeta, const float *dy,
                            const float *x, const float *gamma, const float *beta,
                            const float *mean, const float *scale, const float *plus,
                            const ck_group_norm_shape *shape);

// --- columns.c: the patches a convolution sees, as rows of a matrix
typedef struct {
  ptrdiff_t height, width, channels;  // of the input
  ptrdiff_t out_height, out_width;
  ptrdiff_t kernel_height, kernel_width, stride, dilation, pad_top, pad_left;
  ptrdiff_t spacing;  // from one input to the next, with zeros between; only indirect.c takes more than 1
} ck_geometry;
/// Rows for the output lines [line, line_end), line = sample·out_height + row; of each patch, in
/// the order (ky, kx, channel), the columns [column, column_end).
void ck_gather_patches(float *rows, const float *x, const ck_geometry *geometry, ptrdiff_t line,
                       ptrdiff_t line_end, ptrdiff_t column, ptrdiff_t column_end);
/// The transpose: adds whole patches of one sample's output lines back to `dx`, that sample's input.
void ck_scatter_patches(float *dx, const float *rows, const ck_geometry *geometry);
/// Nearest neighbour of one sample, ×2 across and ×`down` (1 or 2) down, and its transpose.
void ck_upsample(float *y, const float *x, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels,
                 ptrdiff_t down);
void ck_upsample_backward(float *dx, const float *dy, ptrdiff_t height, ptrdiff_t width,
                          ptrdiff_t channels, ptrdiff_t down);

// --- pooling.c, one sample; `tap` tells which tap was the largest
void ck_max_pool(float *y, float *tap, const float *x, const ck_geometry *geometry);
void ck_max_pool_backward(float *dx, const float *dy, const float *tap, const ck_geometry *geometry);
/// The border counts as zeros.
void ck_average_pool(float *y, const float *x, const ck_geometry *geometry);
void ck_average_pool_backward(float *dx, const float *dy, const ck_geometry *geometry);

// --- batchnorm.c: x is (rows, n), the other numbers are one a column; `relu` 1: followed by ReLU
/// y = x·a + b
void ck_scale_rows(float *y, const float *x, const float *a, const float *b, ptrdiff_t rows,
                   ptrdiff_t n, int relu);
/// sums[j] += Σ over rows of (x[row][j] − mean[j])²
void ck_column_squares(float *sums, const float *x, const float *mean, ptrdiff_t rows,
                       ptrdiff_t n);
/// Adds Σ dz and Σ dz·x̂, where x̂ = (x − mean)·scale and z = x·a + b.
void ck_batch_norm_sums(float *plain, float *slope, const float *dy, const float *x,
                        const float *mean, const float *scale, const float *a, const float *b,
                        ptrdiff_t rows, ptrdiff_t n, int relu);
/// dx = a·(dz − plain − x̂·slope)
void ck_batch_norm_backward(float *dx, const float *dy, const float *x, const float *mean,
                            const float *scale, const float *a, const float *b, const float *plain,
                            const float *slope, ptrdiff_t rows, ptrdiff_t n, int relu);
/// y = x̂·(offset + a) + b, where x̂ is a row normalised; without a, y = x̂. `mean` and `scale` (1/std)
/// receive one number a row.
void ck_layer_norm(float *y, float *mean, float *scale, const float *x, const float *a,
                   const float *b, float offset, ptrdiff_t rows, ptrdiff_t n, float epsilon);
/// Adds Σ dy·x̂ to da and Σ dy to db as well; `plus`, unless it is NULL, is added to dx.
void ck_layer_norm_backward(float *dx, float *da, float *db, const float *dy, const float *x,
                            const float *mean, const float *scale, const float *a,
                            const float *plus, float offset, ptrdiff_t rows, ptrdiff_t n);
/// y = x·(1 + scale) + shift
void ck_modulate(float *y, const float *x, const float *scale, const float *shift, ptrdiff_t rows,
                 ptrdiff_t n);
void ck_modulate_backward(float *dx, float *dscale, float *dshift, const float *dy,
                          const float *x, const float *scale, ptrdiff_t rows, ptrdiff_t n);
/// y = x·gate + sum; without a sum, y = x·gate
void ck_gate(float *y, const float *x, const float *gate, const float *sum, ptrdiff_t rows,
             ptrdiff_t n);
void ck_gate_backward(float *dx, float *dgate, const float *dy, const float *x, const float *gate,
                      ptrdiff_t rows, ptrdiff_t n);

// --- attention.c: scores are (rows, columns)
/// scores ← exp(scale·scores − largest), where `largest` of every row is raised to what it finds
/// and what `sums` and `out` (`dimension` numbers every `stride`) held is rescaled to match.
void ck_softmax_tile(float *scores, float *largest, float *sums, float *out, ptrdiff_t rows,
                     ptrdiff_t columns, float scale, ptrdiff_t dimension, ptrdiff_t stride);
float ck_log_sum(float largest, float sum);
/// scores ← p = exp(scale·scores − logs), slopes ← scale·p·(slopes − products)
void ck_attention_slopes(float *scores, float *slopes, const float *logs, const float *products,
                         ptrdiff_t rows, ptrdiff_t columns, float scale);
/// The numbers from place `start` on, a part `rate` of them zero and the others scaled up.
void ck_dropout(float *y, const float *x, ptrdiff_t start, ptrdiff_t n, unsigned seed,
                unsigned seed2, float rate);

// --- convolution.c, only where ck_has_avx512(); stride 1
typedef struct {
  ptrdiff_t width;   // output positions in a line
  ptrdiff_t input;   // channels
  ptrdiff_t output;  // channels, a multiple of 16
  ptrdiff_t kernel;  // side
  ptrdiff_t line;    // floats from one line of the padded input to the next
} ck_convolution;
/// `lines` lines of output; `x` is the padded input line under the kernel's first, `w` a matrix
/// (kernel, kernel, input | output); `bias` may be null, and `plus`, of y's shape, which is added.
void ck_convolve(float *y, const float *x, const float *w, const float *bias, const float *plus,
                 ptrdiff_t lines, const ck_convolution *shape);
/// Adds rows [row, row_end) of the gradient of `w`, from `lines` lines.
void ck_convolve_gradient(float *dw, const float *x, const float *dy, ptrdiff_t lines,
                          ptrdiff_t row, ptrdiff_t row_end, const ck_convolution *shape);
/// One sample with a border of zeros.
void ck_pad(float *padded, const float *x, ptrdiff_t height, ptrdiff_t width, ptrdiff_t channels,
            ptrdiff_t border);
/// (rows, columns) to (columns, rows).
void ck_transpose(float *out, const float *x, ptrdiff_t rows, ptrdiff_t columns);

// --- products.c: products with a matrix b (k, n) in panels of 16 columns, row by row, ⌈n/16⌉·16·k floats
#define CK_PRODUCT_DEPTH 256  // rows of a panel that stay in the cache
/// Packs the panels [panel, panel_end) of b, whose element (i, j) is at b[i·row + j·column]; columns beyond n are zero.
void ck_pack_panels(float *panels, const float *b, ptrdiff_t row, ptrdiff_t column, ptrdiff_t k,
                    ptrdiff_t n, ptrdiff_t panel, ptrdiff_t panel_end);
/// c (m, n; rows `stride` apart) += a·b; with `first` 1, c = a·b. Element (i, j) of a is at a[i·a_row + j·a_column];
/// a_row or a_column must be 1. Unless a_column is, `scratch` holds m·min(k, CK_PRODUCT_DEPTH) floats. `level` as for
/// ck_level.
void ck_multiply_panels(float *c, ptrdiff_t stride, const float *a, ptrdiff_t a_row,
                        ptrdiff_t a_column, const float *panels, ptrdiff_t m, ptrdiff_t n,
                        ptrdiff_t k, int first, float *scratch, int level);
/// Rows in a block of the kernels at this level; a smaller block takes almost as long.
int ck_block_rows(int level);

// --- indirect.c: a convolution of any geometry with at most CK_INDIRECT_TAPS taps
#define CK_INDIRECT_TAPS 25
#define CK_INDIRECT_FEW 16  // up to so many positions, weights are not packed
typedef struct {
  ck_geometry geometry;
  ptrdiff_t batch, output;  // samples, channels
  int across_batch;         // 1: position by position with all samples side by side
  int level;                // as for ck_level
} ck_indirect;
/// Output positions [first, last) of the whole batch, in the order of `across_batch`, and of their channels
/// the panels [panel, panel_end), 16 each. `w` is a matrix (kernel, kernel, input | output); `bias` may be
/// null, and `plus`, of y's shape, which is added; `scratch` holds input floats, and for more than
/// CK_INDIRECT_FEW positions taps·input·16·(panel_end − panel) more.
void ck_convolve_indirect(float *y, const float *x, const float *w, const float *bias,
                          const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                          ptrdiff_t panel_end, float *scratch, const ck_indirect *shape);

// --- winograd.c: 3×3, stride 1, input and output channels multiples of 16
typedef struct {
  ptrdiff_t height, width, input;  // of the input, and its channels
  ptrdiff_t out_height, out_width, output;
  ptrdiff_t pad_top, pad_left;
  int side;   // of tiles, in outputs: 4 or 2
  int level;  // as for ck_level
} ck_winograd;
/// Tiles are numbered through the batch, row by row: ⌈out_height/side⌉·⌈out_width/side⌉ a sample.
/// The transforms of anything, one for each of (side + 2)² frequencies, lie this far apart, so that they
/// do not share a set of the cache.
#define CK_WINOGRAD_DISTANCE(count) ((count) + 16)
/// The panels [panel, panel_end) of u, a matrix of (panels of 16 outputs, input, 16) for each frequency,
/// DISTANCE(input·output) apart, from the weights, a matrix (3, 3, input | output).
void ck_winograd_weights(float *u, const float *w, ptrdiff_t panel, ptrdiff_t panel_end,
                         const ck_winograd *shape);
/// Tiles [first, last), of their channels the panels [panel, panel_end); `bias` may be null, and `plus`, of
/// y's shape, which is added. With n tiles, `scratch` holds
/// input + frequencies·(DISTANCE(n·input) + DISTANCE(16·n)) floats.
void ck_winograd_convolve(float *y, const float *x, const float *u, const float *bias,
                          const float *plus, ptrdiff_t first, ptrdiff_t last, ptrdiff_t panel,
                          ptrdiff_t panel_end, float *scratch, const ck_winograd *shape);
/// The gradient of the weights in three steps. First the tiles of the input, v[frequency·distance +
/// tile·input + channel], and those of the gradient, d[frequency·distance + panel·panel_distance + tile·16],
/// both counted from `first`; `zeros` is as long as the channels.
void ck_winograd_input(float *v, ptrdiff_t distance, const float *x, const float *zeros,
                       ptrdiff_t first, ptrdiff_t last, const ck_winograd *shape);
void ck_winograd_gradient(float *d, ptrdiff_t distance, ptrdiff_t panel_distance, const float *dy,
                          const float *zeros, ptrdiff_t first, ptrdiff_t last,
                          const ck_winograd *shape);
/// Then for one frequency, from `count` tiles, du (input, output) += vᵀ·d; with `first` 1, du = vᵀ·d. Those
/// of all frequencies lie DISTANCE(input·output) apart.
void ck_winograd_multiply(float *du, const float *v, const float *d, ptrdiff_t panel_distance,
                          ptrdiff_t count, int first, const ck_winograd *shape);
/// Last, adds rows [row, row_end) of every tap to dw (3, 3, input | output) from du of all frequencies.
void ck_winograd_collect(float *dw, const float *du, ptrdiff_t row, ptrdiff_t row_end,
                         const ck_winograd *shape);

// --- optimizer.c
typedef struct {
  float learning_rate, beta2, epsilon;
  float rest1, rest2;      // 1 − beta1 and 1 − beta2, rounded once: in float32 they lose digits
  float decay;             // weight decay
  int decoupled;           // 1: AdamW, 0: added to the gradient
  float correction1;       // 1 − beta1^step
  float correction2_root;  // √(1 − beta2^step)
  float gradient_scale;    // from clipping
  float average_weight;    // 1 − decay of the moving average
  int clears;              // 1: the gradients are zero afterwards
} ck_adam_step;
/// One step of Adam or AdamW, and of the moving average of the weights, in one pass.
void ck_adam(float *weights, float *average, float *m, float *v, float *gradients,
             const ck_adam_step *step, ptrdiff_t n);
