"""Where things are in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "spec"
MODELS = SPEC / "models"
SPEC_FOLDERS = (SPEC, MODELS)  # where modules are
PINS = MODELS / "pins.toml"
CONTRACT, ALGORITHM = SPEC / "Channel.tla", SPEC / "ChannelAlgorithm.tla"
SYNC_CONTRACT, SYNC_ALGORITHM = SPEC / "SyncChannel.tla", SPEC / "SyncAlgorithm.tla"  # of the bounded channel
PROPERTIES = [
    SPEC / f"{name}.tla"
    for name in ("ChannelProperties", "SyncProperties", "AlgorithmRefinement", "AlgorithmProperties", "SyncRefinement")
]
CONTRACT_STEPS = MODELS / "MCContractSteps.tla"
MAPPING, SYNC_MAPPING = SPEC / "MAPPING.md", SPEC / "SYNC_MAPPING.md"
BUG_LIST = SPEC / "BUGS.md"
HEADER = ROOT / "impl" / "include" / "ferry" / "channel.hpp"
HEADERS = sorted(HEADER.parent.rglob("*.hpp"))
# What only the bounded channel includes.
OF_BOUNDED = [
    h for h in HEADERS if h.stem in ("sync_channel", "ring", "ring_shared", "line", "sender_pace")
]  # fmt: skip
OF_UNBOUNDED = [HEADER.parent / "detail" / "core.hpp"]  # what the bounded channel includes and never uses
RING = HEADER.parent / "detail" / "ring.hpp"  # the algorithm of the bounded channel
OF_RING = [RING, RING.parent / "waits.hpp"]  # what waits for both
CORE = [header for header in HEADERS if header != RING]  # with that of the unbounded one
SCENARIOS = ROOT / "verify" / "scenarios"
PROGRAM = ROOT / "verify" / "program.hpp"
TESTS = ROOT / "tests"
