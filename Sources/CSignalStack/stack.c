#define _DEFAULT_SOURCE 1
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE 1
#include "CSignalStack.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { stack_size = 65536 };

static _Thread_local int was_asked;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int has_key;

static void release(void *memory) {
  stack_t none;
  memset(&none, 0, sizeof none);
  none.ss_flags = SS_DISABLE;
  none.ss_size = stack_size;  // macOS looks at it even here
  sigaltstack(&none, NULL);
  free(memory);
}

static void make_key(void) { has_key = pthread_key_create(&key, release) == 0; }

void css_use_signal_stack(void) {
  if (was_asked) return;
  was_asked = 1;
  stack_t stack;
  if (sigaltstack(NULL, &stack) != 0 || !(stack.ss_flags & SS_DISABLE)) return;
  pthread_once(&once, make_key);
  void *memory = has_key ? malloc(stack_size) : NULL;
  if (memory == NULL) return;
  memset(&stack, 0, sizeof stack);
  stack.ss_sp = memory;
  stack.ss_size = stack_size;
  if (pthread_setspecific(key, memory) != 0) {
    free(memory);
  } else {
    sigaltstack(&stack, NULL);
  }
}
