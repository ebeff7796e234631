"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "spec"
MODELS = SPEC / "models"
SPEC_FOLDERS = (SPEC, MODELS)  # where modules are
PINS = MODELS / "pins.toml"
CONTRACT, ALGORITHM = SPEC / "Channel.tla", SPEC / "ChannelAlgorithm.tla"
PROPERTIES = [SPEC / f"{name}.tla" for name in ("ChannelProperties", "AlgorithmRefinement", "AlgorithmProperties")]
CONTRACT_STEPS = MODELS / "MCContractSteps.tla"
MAPPING = SPEC / "MAPPING.md"
BUG_LIST = SPEC / "BUGS.md"
HEADER = ROOT / "impl" / "include" / "ferry" / "channel.hpp"
HEADERS = sorted(HEADER.parent.rglob("*.hpp"))
SCENARIOS = ROOT / "verify" / "scenarios"
PROGRAM = ROOT / "verify" / "program.hpp"
TESTS = ROOT / "tests"
