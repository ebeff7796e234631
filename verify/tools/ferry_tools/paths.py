"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "spec"
SPEC_FOLDERS = (SPEC,)  # where modules are
MANIFEST = SPEC / "manifest.json"
CONTRACT, ALGORITHM = SPEC / "Channel.tla", SPEC / "ChannelAlgorithm.tla"
PROPERTIES = [SPEC / f"{name}.tla" for name in ("ChannelProperties", "AlgorithmRefinement", "AlgorithmProperties")]
CONTRACT_STEPS = SPEC / "MCContractSteps.tla"
MAPPING = SPEC / "MAPPING.md"
BUG_LIST = SPEC / "BUGS.md"
HEADER = ROOT / "impl" / "include" / "ferry" / "channel.hpp"
HEADERS = sorted(HEADER.parent.rglob("*.hpp"))
SCENARIOS = ROOT / "verify" / "scenarios"
TESTS = ROOT / "tests"
