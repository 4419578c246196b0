"""Configurations (configs/*.json) and what every command shares: its folder, its log, its command line."""
from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .settings import TRAINING, run_folder


class Run:
    """One run: configuration, folder under .runs, seeded, every message printed and appended to <command>.log."""

    def __init__(self, command: str, configuration: dict[str, Any]) -> None:
        self.command = command
        self.options: dict[str, Any] = configuration.get(command, {})
        self.seed: int = configuration.get("seed", 1)
        self.device: str = configuration.get("device", "cpu")
        self.folder: Path = run_folder(configuration["name"])
        self._started = time.time()

    def seeded(self) -> random.Random:
        """Seeds PyTorch and NumPy, sets the thread count, and gives a seeded generator."""
        import numpy as np
        import torch

        torch.manual_seed(self.seed)
        np.random.seed(self.seed)
        return random.Random(self.seed)

    def log(self, message: str) -> None:
        line = f"[{time.strftime('%H:%M:%S')} {self.command} +{time.time() - self._started:.0f}s] {message}"
        print(line, flush=True)
        with (self.folder / f"{self.command}.log").open("a") as file:
            file.write(line + "\n")


def configuration(path: str | Path) -> dict[str, Any]:
    """Reads a configuration; a bare name means configs/<name>.json."""
    found = Path(path)
    if not found.exists():
        found = TRAINING / "configs" / f"{path}.json"
    return json.loads(found.read_text())


def main(command: str, work: Callable[[Run], None]) -> None:
    """Command line of one step: `python -m resift_training.<command> --config configs/cpu.json`."""
    parser = argparse.ArgumentParser(prog=f"python -m resift_training.{command}")
    parser.add_argument("--config", default="cpu", help="a file, or the name of one in configs/")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="override one option of this step")
    arguments = parser.parse_args(sys.argv[1:])
    settings = configuration(arguments.config)
    for item in arguments.set:
        key, _, value = item.partition("=")
        settings.setdefault(command, {})[key] = json.loads(value)
    work(Run(command, settings))
