#define _DEFAULT_SOURCE 1
#define _XOPEN_SOURCE 700
#define _DARWIN_C_SOURCE 1
#include "CTerminal.h"
#include "CSignalStack.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static struct termios saved_settings;
static int input_descriptor = -1;
static int output_descriptor = -1;
static char restore_bytes[512];
static size_t restore_count;
static atomic_int active;

void ct_write(int descriptor, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

int ct_is_writable(int descriptor, int milliseconds) {
  struct pollfd output = {descriptor, POLLOUT, 0};
  int count;
  while ((count = poll(&output, 1, milliseconds)) < 0 && errno == EINTR) {
  }
  return count != 0;
}

void ct_make_room(int descriptor) {
  if (!ct_is_writable(descriptor, 200)) tcflush(descriptor, TCOFLUSH);
}

void ct_write_last(int descriptor, const char *bytes, size_t count) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return;
  ct_make_room(descriptor);
  fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
  for (int attempt = 0; count > 0 && attempt < 10;) {
    ssize_t written = write(descriptor, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno != EAGAIN) break;
    if (written <= 0) {
      ct_make_room(descriptor);
      attempt++;
    } else {
      bytes += written;
      count -= (size_t)written;
    }
  }
  fcntl(descriptor, F_SETFL, flags);
}

int ct_is_unicode(void) { return strcmp(nl_langinfo(CODESET), "UTF-8") == 0; }

int ct_width(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

int ct_save_settings(int input) {
  if (tcgetattr(input, &saved_settings) != 0) return -1;
  input_descriptor = input;
  return 0;
}

void ct_set_restore(int output, const char *bytes, size_t count) {
  output_descriptor = output;
  restore_count = count < sizeof restore_bytes ? count : sizeof restore_bytes;
  memcpy(restore_bytes, bytes, restore_count);
}

void ct_set_active(int value) { atomic_store(&active, value); }

int ct_is_active(void) { return atomic_load(&active); }

void ct_apply_saved_settings(void) {
  // Not TCSAFLUSH, which waits until the terminal has read everything.
  if (input_descriptor < 0) return;
  tcsetattr(input_descriptor, TCSANOW, &saved_settings);
  tcflush(input_descriptor, TCIFLUSH);
}

// --- what others write

static int noise_pipe[2] = {-1, -1};
static const int noisy[] = {STDOUT_FILENO, STDERR_FILENO};
static int saved_noisy[2] = {-1, -1};
static atomic_int capturing;

int ct_capture_output(void) {
  if (atomic_load(&capturing)) return noise_pipe[0];
  if (pipe(noise_pipe) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    fcntl(noise_pipe[i], F_SETFD, FD_CLOEXEC);
    // A full pipe must never block who writes: what does not fit is lost.
    fcntl(noise_pipe[i], F_SETFL, O_NONBLOCK);
    saved_noisy[i] = fcntl(noisy[i], F_DUPFD_CLOEXEC, 3);
    dup2(noise_pipe[1], noisy[i]);
  }
  close(noise_pipe[1]);
  atomic_store(&capturing, 1);
  return noise_pipe[0];
}

void ct_release_output(void) {
  if (!atomic_exchange(&capturing, 0)) return;
  for (int i = 0; i < 2; i++) {
    dup2(saved_noisy[i], noisy[i]);
    close(saved_noisy[i]);
  }
  char text[1024];
  ssize_t count;
  while ((count = read(noise_pipe[0], text, sizeof text)) > 0) {
    ct_write_last(STDERR_FILENO, text, (size_t)count);
  }
  close(noise_pipe[0]);
}

void ct_restore(void) {
  if (atomic_exchange(&active, 0)) {
    ct_write_last(output_descriptor, restore_bytes, restore_count);
    tcsetattr(input_descriptor, TCSANOW, &saved_settings);
  }
  ct_release_output();
}

// --- signals

static int signal_pipe[2] = {-1, -1};
// All that would end or stop the program and is no fault of its own.
static const int watched[] = {
    SIGINT,  SIGTERM,   SIGHUP,  SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT, SIGUSR1, SIGUSR2,
    SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGSYS,   SIGIO,
#ifdef SIGPWR
    SIGPWR,
#endif
#ifdef SIGSTKFLT
    SIGSTKFLT,
#endif
};
// What the call that caused them says better.
static const int ignored[] = {SIGPIPE, SIGXFSZ};
static const int faults[] = {SIGSEGV, SIGABRT, SIGTRAP, SIGBUS, SIGILL, SIGFPE};
enum { watched_count = sizeof watched / sizeof *watched };
enum { fault_count = sizeof faults / sizeof *faults };
enum { ignored_count = sizeof ignored / sizeof *ignored };
static struct sigaction ignored_before[ignored_count];
static struct sigaction watched_before[watched_count];
static struct sigaction faults_before[fault_count];
static int installed;
static atomic_int continued;
static atomic_llong last_interrupt;  // milliseconds

static void end_by_default(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  sigaction(number, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  raise(number);
}

// --- a terminal that has stopped reading

// Whether a frame is being written, which waits for as long as the terminal does not read.
static atomic_int drawing;
static pthread_t drawing_thread;
static int rescue_pipe[2] = {-1, -1};

void ct_set_drawing(int value) {
  if (value) drawing_thread = pthread_self();
  atomic_store(&drawing, value);
}

// Lets a program that is to end get out of writing frames: throws away what the terminal does not read.
static void *rescue(void *unused) {
  (void)unused;
  char byte;
  ssize_t count;
  while ((count = read(rescue_pipe[0], &byte, 1)) < 0 && errno == EINTR) {
  }
  // From the first signal on, until the program has ended.
  for (int stuck = 0; count > 0;) {
    struct timespec pause = {0, 20000000};
    nanosleep(&pause, NULL);
    stuck = atomic_load(&drawing) ? stuck + 1 : 0;
    if (stuck <= 5) continue;
    tcflush(output_descriptor, TCOFLUSH);
    // Linux does not wake who waits for the room that this has made; a signal makes it look again.
    pthread_kill(drawing_thread, SIGWINCH);
  }
  return NULL;
}

static void start_rescuer(void) {
  if (rescue_pipe[0] >= 0 || pipe(rescue_pipe) != 0) return;
  for (int i = 0; i < 2; i++) fcntl(rescue_pipe[i], F_SETFD, FD_CLOEXEC);
  fcntl(rescue_pipe[1], F_SETFL, O_NONBLOCK);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  if (pthread_create(&thread, NULL, rescue, NULL) == 0) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int asks_to_end(int number) {
  return number != SIGWINCH && number != SIGTSTP && number != SIGCONT;
}

static void note_signal(int number) {
  int error = errno;
  if (number == SIGCONT) atomic_store(&continued, 1);
  if (number == SIGINT) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long milliseconds = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
    // Somebody who interrupts twice does not want to wait for what the program still does.
    if (milliseconds - atomic_exchange(&last_interrupt, milliseconds) < 1000) {
      ct_restore();
      end_by_default(number);
    }
  }
  char byte = (char)number;
  // A full pipe loses nothing that matters: it holds thousands of signals nobody read.
  (void)!write(signal_pipe[1], &byte, 1);
  if (asks_to_end(number)) (void)!write(rescue_pipe[1], &byte, 1);
  errno = error;
}

static atomic_uintptr_t failing;  // the thread

static void restore_and_fail(int number, siginfo_t *info, void *context) {
  (void)context;
  // Workers often fail alike. The first restores the terminal, and the others must not end the
  // process before it has.
  uintptr_t first = 0, me = (uintptr_t)pthread_self();
  if (!atomic_compare_exchange_strong(&failing, &first, me) && first != me) {
    for (;;) pause();
  }
  ct_restore();
  for (int i = 0; i < fault_count; i++) {
    if (faults[i] != number) continue;
    int is_default = !(faults_before[i].sa_flags & SA_SIGINFO) && faults_before[i].sa_handler == SIG_DFL;
    // One that somebody sent does not come again by itself when this handler returns.
    if (is_default || info->si_code <= 0) break;
    // Whoever handled the fault before us sees it once this handler returns.
    sigaction(number, &faults_before[i], NULL);
    raise(number);
    return;
  }
  end_by_default(number);
  _exit(128 + number);
}

int ct_install_handlers(void) {
  // Whoever started the program may have left these blocked, and then none would ever come.
  sigset_t heard;
  sigemptyset(&heard);
  for (int i = 0; i < watched_count; i++) sigaddset(&heard, watched[i]);
  sigprocmask(SIG_UNBLOCK, &heard, NULL);
  // A stack overflow shall restore the terminal, too.
  css_use_signal_stack();
  if (installed) return signal_pipe[0];
  if (signal_pipe[0] < 0) {
    if (pipe(signal_pipe) != 0) return -1;
    for (int i = 0; i < 2; i++) {
      fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
      fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    }
    atexit(ct_restore);
  }
  installed = 1;
  start_rescuer();
  atomic_store(&last_interrupt, -1000000);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  for (int i = 0; i < watched_count; i++) {
    sigaction(watched[i], NULL, &watched_before[i]);
    // nohup and job control of a shell ask for signals to stay ignored.
    if (watched_before[i].sa_handler == SIG_IGN) continue;
    sigaction(watched[i], &action, NULL);
  }
  action.sa_handler = SIG_IGN;
  action.sa_flags = 0;
  for (int i = 0; i < ignored_count; i++) sigaction(ignored[i], &action, &ignored_before[i]);
  action.sa_sigaction = restore_and_fail;
  action.sa_flags = SA_ONSTACK | SA_SIGINFO;
  for (int i = 0; i < fault_count; i++) sigaction(faults[i], &action, &faults_before[i]);
  return signal_pipe[0];
}

void ct_remove_handlers(void) {
  if (!installed) return;
  installed = 0;
  for (int i = 0; i < watched_count; i++) sigaction(watched[i], &watched_before[i], NULL);
  for (int i = 0; i < fault_count; i++) sigaction(faults[i], &faults_before[i], NULL);
  for (int i = 0; i < ignored_count; i++) sigaction(ignored[i], &ignored_before[i], NULL);
}

uint32_t ct_take_signals(void) {
  uint32_t set = 0;
  unsigned char bytes[256];
  ssize_t count;
  while ((count = read(signal_pipe[0], bytes, sizeof bytes)) > 0) {
    for (ssize_t i = 0; i < count; i++) set |= 1u << (bytes[i] & 31);
  }
  return set;
}

void ct_stop(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  atomic_store(&continued, 0);
  sigaction(SIGTSTP, &action, &before);
  kill(0, SIGTSTP);
  // Another thread may take the signal, and a job nobody could continue is never stopped:
  // wait for the continuation, but not for ever.
  for (int i = 0; i < 100 && !atomic_load(&continued); i++) {
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
  }
  sigaction(SIGTSTP, &before, NULL);
}

void ct_die(int number) {
  ct_restore();
  end_by_default(number);
}
