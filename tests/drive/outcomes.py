"""What came of the checks: the line for each as it ends, the table at the end, and the JUnit-style XML."""

import dataclasses
import sys
import xml.etree.ElementTree as ElementTree


@dataclasses.dataclass
class Outcome:
    group: str
    name: str
    seconds: float = 0.0
    failure: str = ""


class Outcomes:
    """Collects outcomes, and shows progress: a dot for what passed, a line for what failed."""

    def __init__(self):
        self.all = []

    def add(self, outcome):
        self.all.append(outcome)
        if outcome.failure:
            print(f"\n  FAILED {outcome.group}: {outcome.name}\n         {outcome.failure}", flush=True)
        elif sys.stdout.isatty():
            print(f"\r\033[K  {len(self.all)} {outcome.name[:100]}", end="", flush=True)
        elif len(self.all) % 10 == 0:
            print(f"  {len(self.all)} done", flush=True)

    def print_table(self):
        if sys.stdout.isatty():
            print("\r\033[K", end="")
        print(f"  {'':28} {'passed':>6} {'failed':>6} {'seconds':>8}")
        for group in dict.fromkeys(o.group for o in self.all):
            of_group = [o for o in self.all if o.group == group]
            failed = sum(bool(o.failure) for o in of_group)
            seconds = sum(o.seconds for o in of_group)
            print(f"  {group:28} {len(of_group) - failed:6} {failed:6} {seconds:8.1f}")

    def failed(self):
        return sum(bool(o.failure) for o in self.all)

    def write_junit(self, path):
        suites = ElementTree.Element("testsuites")
        for group in dict.fromkeys(o.group for o in self.all):
            of_group = [o for o in self.all if o.group == group]
            suite = ElementTree.SubElement(
                suites, "testsuite", name=group, tests=str(len(of_group)),
                failures=str(sum(bool(o.failure) for o in of_group)),
                time=f"{sum(o.seconds for o in of_group):.3f}")
            for outcome in of_group:
                case = ElementTree.SubElement(suite, "testcase", classname=group, name=outcome.name,
                                              time=f"{outcome.seconds:.3f}")
                if outcome.failure:
                    ElementTree.SubElement(case, "failure", message=outcome.failure)
        ElementTree.indent(suites)
        ElementTree.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)
