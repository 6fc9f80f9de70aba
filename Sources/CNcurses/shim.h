#pragma once
// SwiftPM drops -D flags that pkg-config gives, so the wide-character API is asked for here.
#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#include <curses.h>
