#pragma once
#include <stddef.h>
#include <stdint.h>

// The part of a terminal program that runs inside signal handlers, where only few calls are
// allowed, and none into Swift: giving the terminal back, and noting that a signal came.

/// Writes everything, in as many calls as that takes.
void ct_write(int descriptor, const char *bytes, size_t count);
/// Whether a terminal takes more within some milliseconds.
int ct_is_writable(int descriptor, int milliseconds);
/// Throws away what a terminal that has stopped reading does not take.
void ct_make_room(int descriptor);
/// Writes what fits, without waiting for a terminal that has stopped reading. Safe in signal handlers.
void ct_write_last(int descriptor, const char *bytes, size_t count);
/// Says that a frame is being written: where the terminal does not take it and a signal asks the program
/// to end, it is thrown away.
void ct_set_drawing(int drawing);
/// Whether the locale encodes every character.
int ct_is_unicode(void);
/// The columns a character takes in the locale, -1 when it cannot be shown.
int ct_width(uint32_t scalar);

/// Remembers the settings of the terminal at `input`; -1 when it is none.
int ct_save_settings(int input);
/// The bytes that bring the terminal at `output` back to what a shell expects, at most 512.
void ct_set_restore(int output, const char *bytes, size_t count);
/// Says that the terminal is changed and must be restored if the program ends.
void ct_set_active(int active);
int ct_is_active(void);
/// Restores the terminal once; does nothing when it is not active. Safe in signal handlers.
void ct_restore(void);
/// Sets the remembered settings and throws away what was typed.
void ct_apply_saved_settings(void);

/// Catches all signals that would end or stop the program, and faults; returns the descriptor that becomes
/// readable when one came, or -1. Also restores the terminal when the program exits.
/// After a stack overflow it does so on threads that have a signal stack (CSignalStack.h): the one
/// that calls this, and all that compute.
int ct_install_handlers(void);
/// Gives every signal the handling it had before.
void ct_remove_handlers(void);
/// The signals that came since the last call: bit s stands for signal s.
uint32_t ct_take_signals(void);
/// Stops the processes of the foreground job as Ctrl-Z does and returns once continued.
void ct_stop(void);
/// Ends the process by a signal, so that the shell sees 128 + signal.
void ct_die(int signal);

/// Sends what is written to stdout and stderr into a pipe; returns its readable end, or -1.
int ct_capture_output(void);
/// Gives both back, and writes to stderr what nobody has read from the pipe.
void ct_release_output(void);
