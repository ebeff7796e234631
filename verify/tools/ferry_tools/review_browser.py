"""`make review-tested`: the page is built twice, of the last run and of one that has failed, and tried in Chromium.

The run that has failed is a real one, of an explorer in which a bug is planted.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from ferry_tools import review_facts, scenario_choice
from ferry_tools.contract_outcomes import Allowed
from ferry_tools.errors import ToolError, guarded
from ferry_tools.exploration import Explorer, again, counterexample, of_failure
from ferry_tools.results import Clock, Json, Result, Results, Screen
from ferry_tools.review import Material, problems, write_page
from ferry_tools.verify import PARTS, PATIENCE

FAILING, PLANTED = "send_against_recv", "Wake=omitted"
PHONE, DESK = (390, 844), (1500, 1000)
LONGEST = 30  # seconds, for one thing that the browser is asked
READABLE = 4.5  # contrast, as WCAG asks for text

# Of two colours as the browser says them.
CONTRAST = """
const light = (element, what) => {
  let color = getComputedStyle(element)[what];
  for (let e = element; what === 'backgroundColor' && /, 0\\)$/.test(color); e = e.parentElement)
    color = getComputedStyle(e)[what];
  const linear = (n) => (n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = color.match(/[\\d.]+/g).map((n) => linear(n / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return [...document.querySelectorAll(arguments[0])].filter((e) => e.textContent.trim()).map((e) => {
  const [a, b] = [light(e, 'color'), light(e, 'backgroundColor')];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
});
"""
# Of each action of a channel, once it is chosen: lines that light up and lines of partners, by column; whether its own
# line is in sight within the header's column; what is told.
CHOOSING = """
const [key, names, done] = arguments, side = document.getElementById(`side-${key}`), found = {};
const next = () => {
  const name = names.shift();
  if (!name) return done(found);
  addEventListener('hashchange', () => {
    const own = side.querySelector('[data-column=header] .line.lit.name')?.getBoundingClientRect();
    const column = side.querySelector('[data-column=header] .code').getBoundingClientRect();
    const lit = (c) => [c.dataset.column, c.querySelectorAll('.line.lit').length];
    found[name] = {
      lit: Object.fromEntries([...side.querySelectorAll('.column')].map(lit)),
      partners: side.querySelectorAll('[data-column=header] .line.partner').length,
      seen: own && own.top >= column.top && own.bottom <= column.bottom && own.top >= 0 && own.bottom <= innerHeight,
      said: side.querySelector('.chosen').textContent,
    };
    next();
  }, { once: true });
  location.hash = `action=${key}/${name}`;
};
next();
"""
MOMENT = "return document.getElementById('moment').textContent"
ROW = "return [...document.querySelectorAll('#steps tr.now')].map((row) => row.textContent).join()"
Driver = Any  # selenium says no types


class Tried(AssertionError):
    """What the page does not do."""


def require(what: bool, otherwise: str) -> None:
    if not what:
        raise Tried(otherwise)


@contextmanager
def chromium() -> Iterator[Driver]:
    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Debian's Chromium has no sandbox for root, as which CI runs; the page is our own.
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        driver.set_script_timeout(LONGEST)
        driver.set_page_load_timeout(LONGEST)
        try:
            yield driver
        finally:
            driver.quit()


def size(driver: Driver, width: int, height: int) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def medium(driver: Driver, scheme: str = "light", kind: str = "screen") -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": kind, "features": features})


def show(driver: Driver, hash_: str) -> None:
    driver.execute_async_script(
        "const done = arguments[1]; location.hash = arguments[0]; setTimeout(() => requestAnimationFrame(done), 20);",
        hash_,
    )


# ---- what is tried --------------------------------------------------------------------------------------------------


def is_quiet(driver: Driver, data: Json) -> None:
    said = [entry["message"] for entry in driver.get_log("browser")]
    require(not said, f"the console says {said[:3]}")
    asked = driver.execute_script("return performance.getEntriesByType('resource').map((r) => r.name)")
    require(not asked, f"the page asks for {asked}")


def links_of_actions(driver: Driver, data: Json) -> None:
    """From an action to its lines and its partners', and from a line to its action."""
    for key, actions in data["actions"].items():
        for name, found in driver.execute_async_script(CHOOSING, key, list(actions)).items():
            action, said, where = actions[name], found["said"], f"{key}/{name}"
            wanted = ["algorithm", "header", *(["contract"] if action["contract"] else [])]
            require(all(found["lit"][column] for column in wanted), f"{where} lights up {found['lit']}")
            others = set(action["partners"]) - {name}
            require(not others or found["partners"] > 0, f"{where}: no line of a partner lights up")
            told = (name, action["what"], action["orders"], *action["partners"])
            require(all(word in said for word in told), f"{where} is told as {said!r}")
            require(found["seen"], f"{where}: its line in the header is not in sight")
        show(driver, "")
        name = next(name for name, action in actions.items() if action["partners"])
        for column in ("header", "algorithm"):
            where = f"#side-{key} [data-column={column}] .line.name[data-actions='{name}']"
            line = driver.find_element(By.CSS_SELECTOR, where)
            driver.execute_script("arguments[0].scrollIntoView(); arguments[0].click()", line)
            row = driver.find_element(By.CSS_SELECTOR, f"#side-{key} tr.lit")
            require(
                row.get_attribute("data-action") == name, f"a line of {name} in the {column} chooses another action"
            )


def links_within(driver: Driver, data: Json) -> None:
    for link in driver.find_elements(By.CSS_SELECTOR, "nav a, #statements tr:nth-child(8) li a"):
        target = link.get_attribute("href").split("#")[1]
        show(driver, target)
        top = driver.execute_script(
            "return document.getElementById(arguments[0]).getBoundingClientRect().top - innerHeight", target
        )
        require(top < 0, f"#{target} is not shown")


def stepper(driver: Driver, data: Json) -> None:
    """Forward and back, by buttons and by keys, to the same pictures."""
    for index in sorted({0, len(data["runs"]) // 2, len(data["runs"]) - 1}):
        show(driver, "stepper")
        show(driver, f"run={index}")
        count = len(data["runs"][index]["steps"])
        forward, back = (driver.find_element(By.ID, name) for name in ("forward", "back"))
        moments, tail = [driver.execute_script(MOMENT)], data["runs"][index]["start"].get("tail", "")
        for step in data["runs"][index]["steps"]:
            forward.click()
            moments.append(driver.execute_script(MOMENT))
            tail = step["sets"].get("tail", tail)
            if told := re.fullmatch(r"(b\d+):(\d+)(.*)", tail):
                flags = "".join(f"{f}{'set' if f in told[3] else 'not set'}" for f in ("PARKED", "CLOSED", "DONE"))
                drawn = f"{told[1]}block{told[2]}slots claimed{flags}"
                require(drawn in moments[-1], f"run {index}: at {step['text']!r} the word is not drawn as {drawn}")
            require(
                step["text"] in driver.execute_script(ROW), f"run {index}: the row of {step['text']!r} is not marked"
            )
        require(len(set(moments)) > 1, f"run {index}: nothing that is drawn changes")
        forward.click()
        require(driver.find_element(By.ID, "at").text == f"step {count} of {count}", "a step beyond the last")
        back.click()
        require(driver.execute_script(MOMENT) == moments[-2], f"run {index}: back is not where it was")
        body = driver.find_element(By.TAG_NAME, "body")
        for key, position in ((Keys.HOME, 0), (Keys.ARROW_RIGHT, 1), (Keys.ARROW_RIGHT, 2), (Keys.ARROW_LEFT, 1),
                              (Keys.END, count)):  # fmt: skip
            body.send_keys(key)
            said = driver.find_element(By.ID, "at").text
            require(said == f"step {position} of {count}", f"after a key at {position}: {said}")
            require(driver.execute_script(MOMENT) == moments[position], f"run {index}: other pictures by keys")
        require("tail" not in data["runs"][index]["start"] or "the word" in moments[0], "no word is drawn")


def both_schemes(driver: Driver, data: Json) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        medium(driver, scheme)
        for where in (
            "body",
            "a",
            "th",
            ".verdict",
            ".line.lit span",
            ".line.partner span",
            "#steps tr.now td",
            ".code span[class]",
        ):
            worst = min(driver.execute_script(CONTRAST, where), default=READABLE)
            require(worst >= READABLE, f"{scheme}: {where} has a contrast of {worst:.1f}")
        grounds.add(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))
    require(len(grounds) == 2, f"both schemes have the background {grounds}")


def on_a_phone(driver: Driver, data: Json) -> None:
    size(driver, *PHONE)
    width = driver.execute_script("return document.documentElement.scrollWidth")
    require(width <= PHONE[0], f"the page is {width} wide on a phone of {PHONE[0]}")


def printed(driver: Driver, data: Json) -> None:
    medium(driver, kind="print")
    cut = driver.execute_script(
        "return [...document.querySelectorAll('.code')].filter((e) => e.clientHeight + 1 < e.scrollHeight).length"
    )
    nav = driver.find_element(By.TAG_NAME, "nav").is_displayed()
    require(not cut and not nav, f"printed: {cut} columns are cut off; the links are {'' if nav else 'not '}there")


def failure_is_shown(driver: Driver, data: Json) -> None:
    """From the failure to its counterexample, which ends where the receiver sleeps."""
    show(driver, "failures")
    said = driver.find_element(By.ID, "failures").text
    told = (FAILING, "DEADLOCK", "make verify", "nothing to judge")
    require(all(text in said for text in told), f"the failures are told as {said[:200]!r}")
    driver.find_element(By.CSS_SELECTOR, "#failures a").click()
    driver.find_element(By.ID, "last").click()
    row, moment = driver.execute_script(ROW), driver.execute_script(MOMENT)
    require("RecvSleep" in row, f"the counterexample ends in {row!r}")
    require("slot 0, ready" in moment, f"at its end, what is drawn says {moment!r}")


TRIED = (links_of_actions, links_within, stepper, both_schemes, on_a_phone, printed, is_quiet)


# ---- the run --------------------------------------------------------------------------------------------------------


def failing_report(build: Path, allowed: Allowed, folder: Path) -> Json:
    """Of a run in which one scenario has failed, as `make verify` writes it."""
    [s] = scenario_choice.load(FAILING)
    explorer, results = Explorer(build / "verify", Screen(), PATIENCE), Results()
    explorer.write_program(s, allowed, None, [])
    report = explorer.run(s, "--plant", PLANTED)
    if "execution" not in report:
        raise ToolError(f"{s.name} with {PLANTED} planted has no counterexample: {report.get('failure', 'it passes')}")
    figures = {"executions": report["executions"]} | of_failure(s, report, again(s))
    details = counterexample(s, report, again(s))
    results.all.append(Result("scenarios", s.name, 0.0, report["failure"], "", figures, details))
    results.all.append(Result("traces_tlc", "recorded traces", failure="there was nothing to judge"))  # no execution
    results.write_json(folder / "report.json", PARTS)
    return review_facts.read_report(folder / "report.json") or {}


def try_page(
    driver: Driver, page: Path, data: Json, tried: tuple[Callable[[Driver, Json], None], ...], results: Results
) -> None:
    driver.get(page.resolve().as_uri())
    for attempt in tried:
        clock, failure = Clock(), ""
        size(driver, *DESK)
        medium(driver)
        try:
            attempt(driver, data)
        except (Tried, WebDriverException) as error:
            failure = str(error).strip().splitlines()[0]
        results.add(Result("browser", f"{page.parent.name}: {attempt.__name__}", clock.seconds, failure))


def screenshots(driver: Driver, folder: Path) -> None:
    """For people."""
    for name, width, height in (("desk", *DESK), ("phone", *PHONE)):
        size(driver, width, height)
        for scheme in ("light", "dark"):
            medium(driver, scheme)
            for place in ("statements", "action=unbounded/SendClaim", "run=0", "pictures"):
                show(driver, place)
                if place == "run=0":
                    driver.find_element(By.ID, "last").click()
                driver.save_screenshot(str(folder / f"{name}-{scheme}-{place.split('=')[0]}.png"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--jar", type=Path, required=True, help="TLC's jar")
    parser.add_argument("--build", type=Path, default=Path("build"))
    a = parser.parse_args()
    verified, folder, results, clock = a.build / "verify", a.build / "review", Results(), Clock()
    material = Material(a.jar, folder)
    failing = failing_report(a.build, material.allowed[FAILING], folder / "failing")
    pages = [
        (*write_page(material, report, verified / "executions", where), tried)
        for report, where, tried in (
            (failing, folder / "failing", (failure_is_shown, stepper, is_quiet)),
            (review_facts.read_report(verified / "report.json"), folder, TRIED),
        )
    ]
    for page, data, _ in pages:
        results.add(Result("page", str(page), clock.seconds, "; ".join(problems(page.read_text(), data))))
    with chromium() as driver:
        for page, data, tried in pages:
            try_page(driver, page, data, tried, results)
        screenshots(driver, folder)
    results.print_table()
    print(f"review-tested: screenshots are in {folder}; again: make review-tested")
    return results.end("review-tested")


if __name__ == "__main__":
    raise SystemExit(guarded("review-tested", main))
