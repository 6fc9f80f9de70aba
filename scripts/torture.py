"""Breaks the workbench in every way that a run must outlive, and prints a table of how it fared.

Needs nothing but Python's own library; scripts/torture builds the program and starts this. A line of the
table: what was done, how often, how often it went wrong, and the slowest end in seconds.
"""

import argparse
import ctypes
import fcntl
import gzip
import json
import math
import os
import random
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

PROGRAM = ""
ROWS = []
POINTS = ["swissroll", "--steps", "1000000000"]
SMALL = ["--set", "network.hidden=[8]", "--set", "training.batch=8"]
HEAVY = ["--set", "preview.interval=1", "--set", "preview.steps=200", "--set", "preview.count=1024"]


class Screen:
    """The program on a pseudo-terminal of its own."""

    def __init__(self, arguments, folder, size=(40, 120)):
        self.started = time.monotonic()
        self.text = b""
        self.master, self.slave = os.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            # Whoever started this in the background may have had them ignored.
            for number in [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP]:
                signal.signal(number, signal.SIG_DFL)
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for descriptor in range(3):
                os.dup2(self.slave, descriptor)
            os.chdir(folder)
            environment = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8",
                               XDG_CONFIG_HOME=os.path.join(folder, "config"))
            os.execve(PROGRAM, [PROGRAM] + arguments, environment)
        self.status = None

    def read(self, seconds):
        end = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                return
            try:
                self.text = (self.text + os.read(self.master, 65536))[-400_000:]
            except OSError:
                return

    def plain(self):
        return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", self.text)

    def wait_for(self, words, seconds=30):
        """Reads until all words were shown."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)
            if all(word.encode() in self.plain() for word in words):
                return True
            if self.ended():
                return False
        return False

    def press(self, keys):
        os.write(self.master, keys.encode())

    def send(self, number):
        if not self.ended():
            os.kill(self.pid, number)

    def ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, seconds, reading=True):
        """Waits for the end; the seconds it took, or None where it did not come."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            if reading:
                self.read(0.01)
            else:
                time.sleep(0.01)
            if self.ended():
                return time.monotonic() - start
        return None

    def is_restored(self):
        """Whether the terminal is as a shell expects it."""
        self.read(0.05)
        flags = termios.tcgetattr(self.slave)[3]
        return bool(flags & termios.ICANON and flags & termios.ECHO)

    def close(self):
        self.send(signal.SIGKILL)
        self.wait(5)
        os.close(self.slave)
        os.close(self.master)


def command(arguments, folder, seconds=60):
    """Runs a command; its status (negative for a signal, None where it never ended) and what it said."""
    try:
        done = subprocess.run([PROGRAM] + arguments, cwd=folder, capture_output=True, timeout=seconds,
                              stdin=subprocess.DEVNULL,
                              env=dict(os.environ, XDG_CONFIG_HOME=os.path.join(folder, "config")))
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")
    except subprocess.TimeoutExpired:
        return None, "did not end"


def checkpoint_step(run):
    """The step of a run's checkpoint, or 0."""
    try:
        with open(f"{run}/checkpoint.safetensors", "rb") as file:
            length = struct.unpack("<Q", file.read(8))[0]
            return int(json.loads(file.read(length))["__metadata__"]["step"])
    except OSError:
        return 0


def losses(run):
    """The loss of every step in a run's metrics."""
    with open(f"{run}/metrics.jsonl") as file:
        records = [json.loads(line) for line in file]
    return {record["step"]: record["loss"] for record in records if "loss" in record}


def row(name, count, faults, slowest=0.0, note="", most=math.inf):
    """A line of the table; an end that takes more than `most` seconds is a fault."""
    if slowest > most:
        faults.append(f"the slowest took {slowest:.2f} s")
    ROWS.append((name, count, faults, slowest, note))
    print(f"| {name:<44} | {count:>5} | {len(faults):>6} | {slowest:>7.2f} | {note} |", flush=True)
    for fault in faults[:5]:
        print(f"  {name}: {fault}", file=sys.stderr, flush=True)


def kills(folder, count):
    """Runs that are killed some twenty times each, half the time while a checkpoint follows the other, and each
    compared with one that nothing ever happened to."""
    faults, steps, compared = [], 0, 0
    for chain in range(0, count, 20):
        (last, some) = one_chain(folder, chain, min(20, count - chain), faults)
        steps += last
        compared += some
    row("kill -9 while checkpoints are written", count, faults, 0, f"{steps} steps, {compared} compared")


def one_chain(folder, first, count, faults):
    run, last, seed = f"{folder}/run-{first}", 0, str(first)
    for number in range(first, first + count):
        how = ["--resume", run] if last else POINTS + ["--run-dir", run, "--seed", seed]
        screen = Screen(how, folder)
        if last and number % 4 == 3:
            # While it starts: the recipe, the lock and the metrics are written.
            screen.read(random.uniform(0, 0.4))
        elif not screen.wait_for(["training", "smoothed"]):
            faults.append(f"round {number}: does not go on: {screen.status}, {screen.text[-200:]!r}")
        if last == 0:
            screen.press("w")
            screen.wait_for(["checkpoint at step"])
        # From here on checkpoints follow one another.
        end = time.monotonic() + random.uniform(0, 0.5)
        while time.monotonic() < end and not screen.ended():
            screen.press("w")
            screen.read(0.01)
        screen.send(signal.SIGKILL)
        screen.wait(5)
        screen.close()
        step = checkpoint_step(run)
        if step < max(last, 1):
            faults.append(f"round {number}: step {step} after {last}")
        last = max(last, step)
        kept = [name for name in os.listdir(run) if re.fullmatch(r"step-\d+\.safetensors", name)]
        for name in random.sample(kept, min(len(kept), 1)):
            if command(["export", f"{run}/{name}", "--out", "out.safetensors"], folder)[0] != 0:
                faults.append(f"round {number}: {name} cannot be read")
        for name in kept:
            os.remove(f"{run}/{name}")
    status, text = command(["train", "--resume", run, "--steps", str(last + 1)], folder, 120)
    if status != 0:
        faults.append(f"the run does not end: {text[-200:]}")
    steps = min(last + 1, 5000)
    command(["train", "swissroll", "--steps", str(steps), "--seed", seed, "--run-dir", run + "-whole"],
            folder, 600)
    (broken, whole) = (losses(run), losses(run + "-whole"))
    differing = [step for step in whole if broken.get(step) != whole[step]]
    if differing or len(whole) != steps:
        faults.append(f"{len(differing)} losses differ from an unbroken run, from step {differing[0]} on")
    if sorted(broken) != list(range(1, last + 2)):
        faults.append("steps are missing")
    if any(name.endswith(".partial") for name in os.listdir(run)):
        faults.append("half-written files are left")
    shutil.rmtree(run)
    return last, len(whole)


def damage(folder, count):
    command(["train", "swissroll", "--steps", "20", "--run-dir", "whole"], folder)
    with open(f"{folder}/points.csv", "w") as file:
        file.writelines(f"{i % 17},{i % 31}\n" for i in range(500))
    images = b"\0\0\x08\x03" + struct.pack(">III", 20, 9, 9) + random.randbytes(20 * 81)
    with open(f"{folder}/images.idx", "wb") as file:
        file.write(images)
    with gzip.open(f"{folder}/images.gz", "wb") as file:
        file.write(images)
    with open(f"{folder}/records.bin", "wb") as file:
        for label in range(10):
            file.write(bytes([label]) + random.randbytes(768))
    fixtures = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Tests/Fixtures")
    shutil.copytree(f"{fixtures}/diffusers-tiny", f"{folder}/tiny")
    shutil.copy(f"{fixtures}/pth/state.pth", f"{folder}/state.pth")
    resume = ["train", "--resume", "run", "--steps", "21"]
    sample = ["sample", "tiny", "--count", "1", "--steps", "2", "--out", "out.png"]
    kinds = [
        ("checkpoint", "run/checkpoint.safetensors", resume, False),
        ("metrics", "run/metrics.jsonl", resume, True),
        ("recipe", "run/recipe.toml", resume, True),
        ("points", "points.csv", ["data", "show", "points.csv"], None),
        ("images", "images.idx", ["data", "show", "./images.idx"], None),
        ("images, gzip", "images.gz", ["data", "show", "./images.gz"], None),
        ("records", "records.bin", ["data", "show", "./records.bin"], None),
        ("diffusers' weights", "tiny/unet/diffusion_pytorch_model.safetensors", sample, None),
        ("diffusers' network", "tiny/unet/config.json", sample, None),
        ("diffusers' scheduler", "tiny/scheduler/scheduler_config.json", sample, None),
        ("PyTorch's weights", "state.pth", ["sample", "state.pth", "--recipe", "swissroll", "--out", "out.png"],
         None),
    ]
    for name, path, arguments, works in kinds:
        for way in ["torn", "flipped"]:
            faults, slowest = [], 0.0
            for _ in range(count):
                shutil.rmtree(f"{folder}/run", ignore_errors=True)
                shutil.copytree(f"{folder}/whole", f"{folder}/run")
                target = os.path.join(folder, path)
                with open(target, "rb") as file:
                    whole = file.read()
                if way == "torn":
                    broken = whole[: random.randrange(len(whole))]
                else:
                    bit = random.randrange(len(whole) * 8)
                    broken = bytearray(whole)
                    broken[bit // 8] ^= 1 << bit % 8
                with open(target, "wb") as file:
                    file.write(broken)
                start = time.monotonic()
                status, text = command(arguments, folder)
                slowest = max(slowest, time.monotonic() - start)
                expected = [0, 1, 64] if works is None else [0] if works else [1]
                if status not in expected or (works is not None and "\x1b" in text):
                    faults.append(f"status {status}: {text[-200:]!r}")
                with open(target, "wb") as file:
                    file.write(whole)
            row(f"{name} {way}", count, faults, slowest)


def settings(folder, count):
    faults, slowest = [], 0.0
    pieces = ["theme", "=", '"', "gone", "[", "#", "]", "\n", "images", "'", "1979-05-27T:", "{", "ä", "\0", "dark"]
    os.makedirs(f"{folder}/config/diffusion-workbench", exist_ok=True)
    path = f"{folder}/config/diffusion-workbench/settings.toml"
    for _ in range(count):
        text = "".join(random.choice(pieces) for _ in range(random.randint(1, 8)))
        with open(path, "w") as file:
            file.write(text)
        screen = Screen(["runs"], folder)
        if not screen.wait_for(["new run"], 20):
            faults.append(f"does not start with {text!r}")
        else:
            screen.press("q")
            took = screen.wait(10)
            slowest = max(slowest, took or 10)
            if screen.status != 0:
                faults.append(f"status {screen.status} with {text!r}")
        screen.close()
    os.remove(path)
    row("settings of random pieces", count, faults, slowest, most=1)


def themes(folder, count):
    faults, slowest = [], 0.0
    whole = b"[colors]\naccent = \"#ff8800\"\n[ramps]\nnoise = [\"#000000\", \"#ffffff\"]\n"
    os.makedirs(f"{folder}/themes")
    for number in range(2 * count):
        broken = bytearray(whole[: random.randrange(len(whole))] if number % 2 else whole)
        if number % 2 == 0:
            bit = random.randrange(len(whole) * 8)
            broken[bit // 8] ^= 1 << bit % 8
        with open(f"{folder}/themes/own.toml", "wb") as file:
            file.write(broken)
        screen = Screen(["runs", "--theme", "own"], folder)
        if screen.wait_for(["new run"], 20):
            screen.press("q")
        took = screen.wait(10)
        slowest = max(slowest, took or 10)
        if screen.status not in (0, 1):
            faults.append(f"status {screen.status} with {bytes(broken)!r}")
        screen.close()
    row("themes torn and flipped", 2 * count, faults, slowest, most=1)


def full_disk(folder):
    place = f"{folder}/small"
    os.makedirs(place)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", place],
                      capture_output=True).returncode:
        row("a full disk", 0, [], 0, "not tried: no right to mount a tmpfs")
        return
    faults = []
    try:
        steps = 1500
        process = subprocess.Popen(
            [PROGRAM, "train", "swissroll", "--steps", str(steps), "--run-dir", "small/run"] + SMALL,
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.readline().decode()
        if "training waits" not in said:
            faults.append(f"the disk did not fill up: {said}")
        time.sleep(3)
        if process.poll() is not None:
            faults.append(f"ended with {process.returncode}")
        subprocess.run(["mount", "-o", "remount,size=64m", place], check=True)
        status = process.wait(300)
        if status != 0:
            faults.append(f"status {status}: {process.stderr.read().decode()[-200:]}")
        if sorted(losses(f"{place}/run")) != list(range(1, steps + 1)):
            faults.append("steps are missing")
    finally:
        subprocess.run(["umount", "-l", place])
    row("a small tmpfs filled, which gets room again", 1, faults)


def removed(folder, count):
    faults, slowest = [], 0.0
    for number in range(count):
        screen = Screen(POINTS + ["--run-dir", "run"], folder)
        if not screen.wait_for(["training", "smoothed"]):
            faults.append("does not begin")
        while os.path.exists(f"{folder}/run"):
            # The program may write while its folder is emptied.
            shutil.rmtree(f"{folder}/run", ignore_errors=True)
        screen.press("q")
        # Where the run has noticed already, nobody is asked whether to leave.
        screen.wait_for(["quit?"], 0.5)
        if b"cannot be saved" not in screen.plain():
            screen.press("\r")
        if not screen.wait_for(["cannot be saved"], 5):
            faults.append("leaves without a word")
        screen.press("\x15" + f"rescued-{number}\r")
        took = screen.wait(10)
        slowest = max(slowest, took or 10)
        step = checkpoint_step(f"{folder}/rescued-{number}")
        if screen.status != 0 or step == 0:
            faults.append(f"status {screen.status}, saved step {step}")
        elif sorted(losses(f"{folder}/rescued-{number}")) != list(range(1, step + 1)):
            faults.append("steps are missing")
        screen.close()
        shutil.rmtree(f"{folder}/run", ignore_errors=True)
    row("the folder removed, saved elsewhere", count, faults, slowest, most=1)


def memory(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def stall(folder, seconds):
    faults, slowest, notes = [], 0.0, []
    for number in [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]:
        screen = Screen(POINTS + HEAVY + ["--run-dir", f"run-{number}"], folder)
        screen.wait_for(["training", "smoothed"])
        screen.read(3)
        before = memory(screen.pid)
        time.sleep(seconds)
        after = memory(screen.pid)
        notes.append(f"{before:.0f} to {after:.0f} MB")
        if after > before + 150:
            faults.append(f"memory grew from {before:.0f} to {after:.0f} MB")
        screen.send(number)
        took = screen.wait(10, reading=False)
        slowest = max(slowest, took or 10)
        if screen.status != -number:
            faults.append(f"signal {number}: status {screen.status}")
        if checkpoint_step(f"{folder}/run-{number}") == 0:
            faults.append(f"signal {number}: not saved")
        if not screen.is_restored():
            faults.append(f"signal {number}: the terminal stays raw")
        screen.close()
    row(f"a terminal that does not read for {seconds} s", 3, faults, slowest, ", ".join(notes), most=1)


def blocks(process, thread, number):
    with open(f"/proc/{process}/task/{thread}/status") as file:
        mask = re.search(r"SigBlk:\s*([0-9a-f]+)", file.read()).group(1)
    return bool(int(mask, 16) & 1 << int(number) - 1)


def signals(folder, most):
    libc = ctypes.CDLL(None, use_errno=True)
    faulty = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP}
    others = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
              signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGSYS, signal.SIGIO,
              signal.SIGPWR, signal.SIGSTKFLT}
    count, passed, faults, slowest = 0, 0, [], 0.0
    for number in sorted(faulty | others):
        place, threads = 0, 1
        while place < threads:
            count += 1
            run = f"run-{number}-{place}"
            screen = Screen(POINTS + ["--run-dir", run], folder)
            if not screen.wait_for(["training", "smoothed"]):
                faults.append(f"does not begin: status {screen.status}, {screen.text[-200:]!r}")
                screen.close()
                break
            tasks = sorted(int(name) for name in os.listdir(f"/proc/{screen.pid}/task"))
            threads = min(len(tasks), most)
            task = tasks[min(place, len(tasks) - 1)]
            where = f"{number.name} at thread {place} of {threads}"
            if blocks(screen.pid, task, number):
                # Workers of the system's queues hear nothing but faults: what is sent to one waits for ever.
                passed += 1
                os.kill(screen.pid, number)
            else:
                libc.syscall(234 if os.uname().machine == "x86_64" else 131, screen.pid, task, int(number))
            took = screen.wait(10)
            slowest = max(slowest, took or 10)
            if screen.status != -number:
                faults.append(f"{where}: status {screen.status}")
            if not screen.is_restored():
                faults.append(f"{where}: the terminal stays raw")
            if number in others and checkpoint_step(f"{folder}/{run}") == 0:
                faults.append(f"{where}: not saved")
            screen.close()
            shutil.rmtree(f"{folder}/{run}", ignore_errors=True)
            place += 1
    row("every signal on every thread", count, faults, slowest,
        f"{passed} to the process, as the thread blocks it", most=1)


def exits(folder, count):
    faults, slowest = [], 0.0
    for number in range(count):
        screen = Screen(POINTS + HEAVY + ["--run-dir", "run"], folder)
        screen.wait_for(["training", "smoothed"])
        screen.read(random.uniform(0, 0.5))
        screen.press("q")
        screen.read(0.1)
        screen.press("\r")
        took = screen.wait(20)
        slowest = max(slowest, took or 20)
        if screen.status != 0 or not screen.is_restored():
            faults.append(f"round {number}: status {screen.status} after {took} s")
        elif checkpoint_step(f"{folder}/run") == 0:
            faults.append(f"round {number}: not saved")
        screen.close()
        shutil.rmtree(f"{folder}/run", ignore_errors=True)
    row("leaving under the heaviest previews", count, faults, slowest, most=1)


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--scale", type=float, default=1, help="fraction of the repetitions to run; 1 for all")
    parser.add_argument("--only", help="a part: kills damage settings disk removed themes stall signals exits")
    options = parser.parse_args()
    PROGRAM = os.path.abspath(options.program)

    def scaled(count):
        return max(1, round(count * options.scale))

    parts = {
        "exits": lambda folder: exits(folder, scaled(200)),
        "signals": lambda folder: signals(folder, scaled(64)),
        "stall": lambda folder: stall(folder, scaled(60)),
        "removed": lambda folder: removed(folder, scaled(20)),
        "disk": full_disk,
        "settings": lambda folder: settings(folder, scaled(100)),
        "themes": lambda folder: themes(folder, scaled(100)),
        "damage": lambda folder: damage(folder, scaled(100)),
        "kills": lambda folder: kills(folder, scaled(1000)),
    }
    print("| what was done | times | faults | slowest | |\n|---|---|---|---|---|")
    for name, part in parts.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                part(folder)
    sys.exit(1 if any(faults for _, _, faults, _, _ in ROWS) else 0)


main()
