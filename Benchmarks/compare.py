"""Our core and PyTorch on the same cores, in alternation: a table of milliseconds and ratios.

    python Benchmarks/compare.py BENCHMARKS [--peer PYTHON] [--rounds 3] [--threads N] [--compile]
        [--json FILE] [--markdown FILE] [CASE …]

BENCHMARKS is our program; PYTHON has the packages of Tests/Fixtures/requirements.txt. Every measurement is a
process of its own. In each round the sides take turns, so that what else the machine does meets all of them.
Before a case is measured, both sides compute the loss of the same weights on the same batch.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CASES = ["digits", "digits28", "article", "article16", "fashion", "cifar", "mlp128", "mlp2048", "dit",
         "words", "drums"]
# Those without images, which have no other layout.
WITHOUT_LAYOUT = {"mlp128", "mlp2048", "words", "drums"}
OURS, PEER = "workbench", Path(__file__).with_name("pytorch.py")
TIMES = {"trainStep": "training step", "forward16": "forward, sixteen", "forward1": "forward, one",
         "forward": "forward", "both": "forward and gradients", "optimizer": "step of the optimiser"}


def lines(command: list[str]) -> list[dict]:
    """The JSON lines that a program prints."""
    # A user does not have variables that choose slower kernels.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def merged(runs: list[dict]) -> dict:
    """One measurement of several: the least time, the median of the medians, the least memory."""
    result = dict(runs[0])
    for key in TIMES.keys() & result.keys():
        times = [run[key] for run in runs]
        result[key] = {"min": min(t["min"] for t in times), "processor": min(t["processor"] for t in times),
                       "median": statistics.median(t["median"] for t in times)}
    for key in {"trainingBytes", "pageFaults"} & result.keys():
        result[key] = min(run[key] for run in runs)
    return result


class Sides:
    """The commands of all sides."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.ours, self.peer = arguments.benchmarks, arguments.peer
        self.threads = ["--threads", str(arguments.threads)] if arguments.threads else []
        self.compiles = arguments.compile

    def commands(self, case: str) -> list[list[str]]:
        commands = [[self.ours, case, *self.threads]]
        if self.peer:
            layouts = [[]] if case in WITHOUT_LAYOUT else [[], ["--channels-last"]]
            options = layouts + ([[*layouts[-1], "--compile"]] if self.compiles else [])
            commands += [[self.peer, str(PEER), case, *self.threads, *option] for option in options]
        return commands

    def check(self, case: str) -> float | None:
        """How far the peer's loss is from ours on the same weights, as a part of it."""
        if not self.peer:
            return None
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "check.safetensors")
            lines([self.ours, case, "--check", path])
            found = lines([self.peer, str(PEER), case, "--check", path])[0]
        difference = abs(found["loss"] - found["expectedLoss"]) / abs(found["expectedLoss"])
        if not difference < 1e-4:
            sys.exit(f"{case}: PyTorch's loss is {found['loss']}, ours {found['expectedLoss']}")
        return difference


def measure_case(sides: Sides, case: str, rounds: int) -> list[dict]:
    """Every side's measurement of a network."""
    difference = sides.check(case)
    runs: list[list[dict]] = [[] for _ in sides.commands(case)]
    for _ in range(rounds):
        for index, command in enumerate(sides.commands(case)):
            runs[index] += lines(command)
    results = [merged(side) for side in runs]
    for result in results:
        result["lossDifference"] = difference
    return results


def measure_layers(sides: Sides, rounds: int) -> list[dict]:
    """Every side's measurements of single layers."""
    runs: dict[tuple[str, str], list[dict]] = {}
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder) / "layers.jsonl"
        for _ in range(rounds):
            for command in sides.commands("layers"):
                peer = command[0] != sides.ours
                found = lines(command + (["--layers", str(described)] if peer else []))
                if not peer:
                    described.write_text("".join(json.dumps(line) + "\n" for line in found))
                for line in found:
                    runs.setdefault((line["name"], line["side"]), []).append(line)
    return [merged(found) for found in runs.values()]


def progress(result: dict) -> str:
    """A measurement in a line."""
    found = ", ".join(f"{title} {times(result[key])}" for key, title in TIMES.items() if key in result)
    return f"{result['name']}, {result['side']}: {found}"


def ratio(ours: dict, others: list[dict], key: str) -> float | None:
    """How many times faster we are than the best of the others, by least times."""
    times = [other[key]["min"] for other in others if key in other]
    return min(times) / ours[key]["min"] if times else None


def rows(results: list[dict], ceiling: float) -> list[str]:
    """A Markdown table of one key after another."""
    text: list[str] = []
    by_name: dict[str, list[dict]] = {}
    for result in results:
        by_name.setdefault(result["name"], []).append(result)
    names = sorted({result["side"] for result in results if result["side"] != OURS})
    for key, title in TIMES.items():
        chosen = {name: found for name, found in by_name.items() if key in found[0]}
        if not chosen:
            continue
        text += ["", f"| {title}, ms: least (median) | {' | '.join([OURS, *names])} | × the best | GFLOP/s | of the ceiling |",
                 "|---|" + "---|" * (len(names) + 4)]
        for name, found in chosen.items():
            ours = next(result for result in found if result["side"] == OURS)
            others = [result for result in found if result["side"] != OURS]
            cells = [times(ours.get(key))]
            cells += [times(next((o.get(key) for o in others if o["side"] == side), None)) for side in names]
            faster = ratio(ours, others, key)
            share = {"trainStep": 1, "forward": 1, "both": 3, "forward16": 16 / ours.get("batch", 1) / 3,
                     "forward1": 1 / ours.get("batch", 1) / 3, "optimizer": 0}[key]
            speed = ours.get("gigaflop", 0) * share / ours[key]["min"] * 1e3
            cells += [f"{faster:.2f}" if faster else "", f"{speed:.0f}" if speed else "",
                      f"{100 * speed / ceiling:.0f} %" if speed else ""]
            text.append(f"| {name} | {' | '.join(cells)} |")
    return text + memory_rows(by_name, names)


def times(found: dict | None) -> str:
    return f"{found['min']:.3g} ({found['median']:.3g})" if found else "–"


def memory_rows(by_name: dict[str, list[dict]], names: list[str]) -> list[str]:
    """What a training step adds to the memory of a program at rest, the ratio of the least of the
    others to ours, and the page faults of a steady step."""
    chosen = {name: found for name, found in by_name.items() if "trainingBytes" in found[0]}
    if not chosen:
        return []
    sides = [OURS, *names]
    titles = f"{' | '.join(sides)} | × the least | {' | '.join(f'page faults, {side}' for side in sides)}"
    text = ["", f"| memory of a training step above the program at rest, MB | {titles} |",
            "|---|" + "---|" * (2 * len(sides) + 1)]
    for name, found in chosen.items():
        by_side = {result["side"]: result for result in found}
        bytes_of = {side: by_side[side]["trainingBytes"] for side in sides if side in by_side}
        others = [count for side, count in bytes_of.items() if side != OURS]
        ours = bytes_of.get(OURS, 0)
        cells = [f"{bytes_of[side] / 1e6:.1f}" if side in bytes_of else "–" for side in sides]
        cells.append(f"{min(others) / ours:.2f}" if others and ours > 0 else "")
        cells += [f"{by_side[side]['pageFaults']:.0f}" if side in by_side else "–" for side in sides]
        text.append(f"| {name} | {' | '.join(cells)} |")
    return text


def machine() -> str:
    """The processor's name."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmarks")
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--peer")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--compile", action="store_true", help="also measure torch.compile's code")
    parser.add_argument("--json")
    parser.add_argument("--markdown")
    arguments = parser.parse_intermixed_args()
    known = [*CASES, "layers"]
    for case in arguments.cases:
        if case not in known:
            sys.exit(f"{case}: no such case; expected {', '.join(known)}")
    sides = Sides(arguments)
    ceilings = lines([arguments.benchmarks, "machine", *sides.threads])[0]
    results: list[dict] = []
    for case in arguments.cases or known:
        found = measure_layers(sides, arguments.rounds) if case == "layers" else measure_case(
            sides, case, arguments.rounds)
        print(*(progress(result) for result in found), sep="\n", file=sys.stderr, flush=True)
        results += found
    heading = (
        f"{machine()}, {ceilings['threads']} threads, {ceilings['kernels']}; ceiling of matrix products "
        f"{ceilings['gigaflops']:.0f} GFLOP/s, copies {ceilings['gigabytes']:.0f} GB/s; {arguments.rounds} rounds")
    text = "\n".join([heading, *rows(results, ceilings["gigaflops"])]) + "\n"
    print(text)
    if arguments.markdown:
        Path(arguments.markdown).write_text(text)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps({"machine": ceilings | {"processor": machine()}, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
