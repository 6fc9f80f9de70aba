"""How soon samples follow a schedule parameter while training uses every core.

    python Benchmarks/schedule.py .build/release/workbench [PRESSES]

Runs the default recipe in a pseudo-terminal of 120×40 cells, goes to the Schedule screen, presses → and ← on the number of
levels, and waits until the panel of samples says that they are those of the new schedule. Prints milliseconds.
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


def read(terminal: int, seconds: float, until: bytes = b"\0") -> bytes:
    """What comes within so many seconds, or up to a text."""
    data, end = b"", time.perf_counter() + seconds
    while until not in data and (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            try:
                data += os.read(terminal, 65536)
            except OSError:  # the program has left
                break
    return data


def main() -> None:
    program, presses = os.path.abspath(sys.argv[1]), int((sys.argv + ["40"])[2])
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tempfile.mkdtemp())
        os.environ.update(TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        os.execv(program, [program, "digits", "--set", "evaluation.interval=0"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    read(terminal, 20, b"Train")
    read(terminal, 8)
    os.write(terminal, b"3")
    read(terminal, 3)
    os.write(terminal, b"\x1b[B")  # from the family to T
    read(terminal, 2)
    answers = []
    for press in range(presses):
        begin = time.perf_counter()
        os.write(terminal, b"\x1b[C" if press % 2 == 0 else b"\x1b[D")
        if b"EMA" not in read(terminal, 5, b"EMA"):
            sys.exit("no samples came within five seconds")
        answers.append((time.perf_counter() - begin) * 1000)
        # Now and then the hand rests, so that samples are being drawn in full when it moves on.
        read(terminal, random.choice([0.05, 0.1, 0.3, 1]))
    os.write(terminal, b"q\n")
    read(terminal, 3)
    answers.sort()
    print(
        f"samples follow after {answers[len(answers) // 2]:.0f} ms (median), "
        f"{answers[int(len(answers) * 0.95)]:.0f} ms (95 %), {answers[-1]:.0f} ms at most, of {presses}"
    )


main()
