"""Which test shows which statement: the numbers are in the names."""

import re

from outcomes import Outcome

STATEMENTS = [f"S{n}" for n in range(1, 30)]


def numbers_of(name):
    return re.findall(r"(S\d+)(?=_)", re.match(r"(?:S\d+_)*", name).group(0))


def check_families(names, path, outcomes):
    """What the table of families names must be there."""
    for name in sorted(set(re.findall(r"`(S\d+_\w+)`", path.read_text())) - set(names)):
        outcomes.add(Outcome("families", name, 0, f"is named in {path}, and no test"))


def report_statements(names, path, outcomes):
    """Prints the table, in short, and writes it out in full. A statement without a test is a failure."""
    tests = {statement: [] for statement in STATEMENTS}
    for name in sorted(set(names)):
        numbers = numbers_of(name)
        unknown = [number for number in numbers if number not in tests]
        if unknown or not numbers:
            outcomes.add(Outcome("statements", name, 0, f"shows {unknown or 'no statement'}"))
        for number in numbers:
            if number in tests:
                tests[number].append(name)
    for statement, of_statement in tests.items():
        outcomes.add(Outcome("statements", statement, 0, "" if of_statement else "no test shows it"))
    path.write_text("".join(f"{s}\n" + "".join(f"    {name}\n" for name in t) for s, t in tests.items()))
    print(f"\n  statement   tests   (all of them are named in {path})")
    for statement, of_statement in tests.items():
        sentence = re.sub(r"^(S\d+_)+", "", of_statement[0]).replace("_", " ") if of_statement else "NONE"
        print(f"  {statement:9} {len(of_statement):7}   {sentence[:96]}")
    print()
