#pragma once

// A thread whose stack is full has no room for a signal handler either: the program would end
// without one. Signal stacks belong to threads, and only the thread itself can ask for its own.

/// Gives the calling thread a stack for handlers with SA_ONSTACK, unless it has one; it goes with
/// the thread. Costs next to nothing when called again.
void css_use_signal_stack(void);
