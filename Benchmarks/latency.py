"""How soon the program answers while training uses every core: start to first frame, key to changed screen.

    python Benchmarks/latency.py .build/release/workbench [PRESSES]

Runs the program in a pseudo-terminal of 120×40 cells on the Schedule screen, where only keys change anything, and
waits for the first byte of each answer. Prints milliseconds.
"""

import fcntl
import os
import pty
import random
import select
import struct
import sys
import tempfile
import termios
import time


def read(terminal: int, seconds: float) -> bytes:
    """What comes within so many seconds."""
    data, end = b"", time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0 and select.select([terminal], [], [], left)[0]:
        try:
            data += os.read(terminal, 65536)
        except OSError:  # the program has left
            break
    return data


def wait(terminal: int, start: float) -> float:
    """Milliseconds from `start` to the next byte, which is at most five seconds away."""
    if not select.select([terminal], [], [], 5)[0]:
        sys.exit("the program did not answer within five seconds")
    return (time.perf_counter() - start) * 1000


def main() -> None:
    program, presses = os.path.abspath(sys.argv[1]), int((sys.argv + ["200"])[2])
    folder = tempfile.mkdtemp()
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        os.execv(program, [program])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    asked = False
    while b"Train" not in seen:
        wait(terminal, start)
        seen += os.read(terminal, 65536)
        if not asked and b"\x1b[c" in seen:
            # What every terminal answers at once when it is asked what it can do.
            os.write(terminal, b"\x1b[?62;22c")
            asked = True
    first = (time.perf_counter() - start) * 1000
    read(terminal, 6)
    os.write(terminal, b"3")
    read(terminal, 2)
    answers = []
    for press in range(presses):
        read(terminal, random.uniform(0.05, 0.15))
        begin = time.perf_counter()
        os.write(terminal, b"\x1b[C" if press % 2 else b"\x1b[D")
        answers.append(wait(terminal, begin))
        read(terminal, 0.1)
    idle = len(read(terminal, 3))
    answers.sort()
    print(f"first frame {first:.1f}  key p50 {answers[len(answers) // 2]:.1f}  "
          f"p99 {answers[int(len(answers) * 0.99)]:.1f}  worst {answers[-1]:.1f}  "
          f"bytes in 3 s without a key {idle}")
    os.write(terminal, b"q\r")
    read(terminal, 5)


main()
