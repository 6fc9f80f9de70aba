"""What the screens cost: bytes a second to the terminal, and the processor time of the main thread.

    python Benchmarks/traffic.py .build/release/workbench [SECONDS]

Runs the default recipe in a pseudo-terminal of 120×40 cells of 24-bit colours, on the Train screen with
its previews and with the loss alone, while a trajectory plays over and over, and paused; then as over ssh.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

TICKS = os.sysconf("SC_CLK_TCK")


def read(terminal: int, seconds: float) -> int:
    """The number of bytes that come within so many seconds."""
    count, end = 0, time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        if select.select([terminal], [], [], left)[0]:
            count += len(os.read(terminal, 65536))
    return count


def seconds(process: int, thread: int) -> float:
    """The processor time of a thread."""
    with open(f"/proc/{process}/task/{thread}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(terminal: int, child: int, name: str, length: float) -> None:
    before = seconds(child, child)
    count = read(terminal, length)
    spent = seconds(child, child) - before
    print(f"| {name} | {count / length / 1000:.1f} | {100 * spent / length:.1f} |", flush=True)


def session(program: str, length: float, kind: str, variables: dict[str, str]) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tempfile.mkdtemp())
        for name in ("SSH_TTY", "SSH_CONNECTION", "TMUX", "NO_COLOR"):
            os.environ.pop(name, None)
        os.environ.update(
            TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8", LC_ALL="C.UTF-8", **variables)
        os.execv(program, [program, "digits", "--set", "evaluation.interval=0"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    read(terminal, 15)
    measure(terminal, child, f"{kind}: Train, training", length)
    os.write(terminal, b"z")
    read(terminal, 3)
    measure(terminal, child, f"{kind}: Train, the loss alone, training", length)
    os.write(terminal, b"z2")
    read(terminal, 8)
    os.write(terminal, b"\x1b[H")
    os.write(terminal, b"k\x1b[Fk")  # a loop over all frames, which plays
    read(terminal, 2)
    measure(terminal, child, f"{kind}: Denoise, playing in a loop, training", length)
    os.write(terminal, b"p1")
    read(terminal, 3)
    measure(terminal, child, f"{kind}: Train, paused", length)
    os.write(terminal, b"q\n")
    read_end = time.time() + 3
    while time.time() < read_end:
        try:
            read(terminal, 0.2)
        except OSError:
            break
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    program, length = os.path.abspath(sys.argv[1]), float((sys.argv + ["20"])[2])
    print("| what | KB/s | % of a core, main thread |\n|---|---|---|")
    session(program, length, "24-bit", {})
    session(program, length, "ssh", {"SSH_TTY": "/dev/pts/0"})


main()
