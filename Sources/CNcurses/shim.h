#pragma once
// SwiftPM drops -D flags that pkg-config gives, so the wide-character API is asked for here.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <curses.h>
#include <stdio.h>
#include <term.h>
#include <unistd.h>

// Swift imports neither macros with casts nor, as safe, global variables; here are both.

static const attr_t cn_bold = A_BOLD;
static const attr_t cn_dim = A_DIM;
static const attr_t cn_underline = A_UNDERLINE;
static const attr_t cn_reverse = A_REVERSE;

static inline WINDOW *cn_screen(void) { return stdscr; }
static inline int cn_colors(void) { return COLORS; }
static inline int cn_color_pairs(void) { return COLOR_PAIRS; }
static inline int cn_rows(void) { return getmaxy(stdscr); }
static inline int cn_columns(void) { return getmaxx(stdscr); }

/// Opens the terminal `type` on copies of standard input and output, NULL when it is unknown.
/// Copies, because ncurses keeps its streams and the originals may be sent elsewhere.
static inline SCREEN *cn_open(const char *type, int output) {
  FILE *out = fdopen(output, "w");
  FILE *in = fdopen(dup(STDIN_FILENO), "r");
  return out && in ? newterm(type, out, in) : NULL;
}

/// Makes the whole screen be written with the next update.
static inline void cn_repaint(void) { clearok(curscr, TRUE); }

/// Puts one character with its attributes and the number of its colour pair, however large.
static inline void cn_put(int y, int x, uint32_t scalar, attr_t attributes, int pair) {
  wchar_t text[2] = {(wchar_t)scalar, 0};
  cchar_t cell;
  setcchar(&cell, text, attributes, 0, &pair);
  // The last cell of the screen reports an error, for there the cursor cannot move on.
  (void)mvadd_wch(y, x, &cell);
}
