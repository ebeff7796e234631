'use strict';
// What the page can do: light up the lines of an action and of its partners, and walk through executions.
const data = JSON.parse(document.getElementById('data').textContent);

function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// ---- actions and lines ----------------------------------------------------------------------------------------------

const belongs = (element, names) => (element.dataset.actions ?? element.dataset.action ?? '').split(' ').some((n) => names.includes(n));

function choose(key, name, from) {
  const side = document.getElementById(`side-${key}`);
  const action = data.actions[key]?.[name];
  if (!action) return;
  for (const element of side.querySelectorAll('[data-actions], [data-action]')) {
    element.classList.toggle('lit', belongs(element, [name]));
    element.classList.toggle('partner', !belongs(element, [name]) && belongs(element, action.partners));
  }
  const link = (partner) => made('a', { href: `#action=${key}/${partner}`, textContent: partner });
  const partners = action.partners.flatMap((partner, i) => (i ? [', ', link(partner)] : [link(partner)]));
  side.querySelector('.chosen').replaceChildren(
    made('strong', { textContent: name }), ` ${action.what}, ${action.orders}`,
    ...(partners.length ? ['; synchronises with ', ...partners] : []),
    action.contract.length ? `; in the contract: ${action.contract.join(', ')}` : '',
  );
  // Each column shows its own first line of the action; the page itself stays, unless the action was chosen elsewhere.
  for (const code of side.querySelectorAll('.code')) {
    const line = code.querySelector('.line.lit.name') ?? code.querySelector('.line.lit');
    if (line && !code.contains(from)) code.scrollTop += line.getBoundingClientRect().top - code.getBoundingClientRect().top - code.clientHeight / 3;
  }
  const columns = side.querySelector('.columns');
  if (!columns.contains(from)) columns.scrollIntoView({ block: columns.clientHeight < innerHeight ? 'end' : 'start' });
}

for (const side of document.querySelectorAll('.side')) {
  side.addEventListener('click', (event) => {
    const line = event.target.closest('.line[data-actions]');
    if (!line) return;
    // A line that belongs to several has each in its turn.
    const names = line.dataset.actions.split(' ');
    const before = names.findIndex((name) => location.hash === `#action=${side.dataset.channel}/${name}`);
    const name = names[(before + 1) % names.length];
    history.pushState(null, '', `#action=${side.dataset.channel}/${name}`);
    choose(side.dataset.channel, name, line);
  });
}

// ---- the stepper ----------------------------------------------------------------------------------------------------

const at = (id) => document.getElementById(id);
const FEW = 12;  // places that are shown without asking, beside the word and the blocks
let run = null, position = 0, restIsOpen = null;

function stateAfter(count) {
  const state = { ...run.start };
  for (const step of run.steps.slice(0, count)) Object.assign(state, step.sets);
  return state;
}

const marked = (place, changed) => (changed.has(place) ? ' changed' : '');

function drawWord(text, changed) {
  // A block and a count, or the position that a bounded channel has instead.
  const [, block, count, flags] = /^(?:(\w+):)?(\d+)((?: [A-Z]+)*)$/.exec(text) ?? [null, undefined, '', ''];
  const cell = (name, value, off) => made('div', { className: `cell${off ? ' off' : ''}` }, value, made('small', { textContent: name }));
  const cells = block ? [cell('block', block), cell('slots claimed', count)] : [cell('position', count)];
  for (const flag of ['PARKED', 'CLOSED', 'DONE']) cells.push(cell(flags.includes(flag) ? 'set' : 'not set', flag, !flags.includes(flag)));
  const word = count === '' ? [made('div', { className: 'cell' }, text)] : cells;
  return made('div', { className: `box word${marked('tail', changed)}` }, made('h4', { textContent: 'tail: the word' }), made('div', { className: 'cells' }, ...word));
}

function drawBlock(name, state, changed) {
  const of = (what) => Object.keys(state).filter((place) => place.startsWith(`${name}.${what}`));
  const slots = of('ready[').map((place) => Number(/\d+/.exec(place.slice(name.length))[0])).sort((a, b) => a - b);
  const cells = slots.map((i) => {
    const ready = state[`${name}.ready[${i}]`] === '1', value = state[`${name}.value[${i}]`] ?? '';
    const mark = marked(`${name}.ready[${i}]`, changed) || marked(`${name}.value[${i}]`, changed);
    return made('div', { className: `cell slot${ready ? ' ready' : ''}${mark}` }, value || 'empty', made('small', { textContent: `slot ${i}, ${ready ? 'ready' : 'not ready'}` }));
  });
  if (state[`${name}.next`]) cells.push(made('div', { className: `cell${marked(`${name}.next`, changed)}` }, state[`${name}.next`], made('small', { textContent: 'next' })));
  const life = state[`${name}.memory`] ?? '', isTail = (state.tail ?? '').startsWith(`${name}:`);
  return made('div', { className: `box block${life === 'freed' ? ' freed' : ''}${isTail ? ' claimed' : ''}${marked(`${name}.memory`, changed)}` },
    made('h4', { textContent: `${name}${life ? `, ${life}` : ''}${isTail ? ', named by the word' : ''}` }), made('div', { className: 'cells' }, ...cells));
}

function draw() {
  const state = stateAfter(position), changed = new Set(position ? Object.keys(run.steps[position - 1].sets) : []);
  const blocks = new Set(Object.keys(state).map((place) => /^(b\d+)\./.exec(place)?.[1]).filter((name) => name && state[`${name}.memory`] !== 'unused'));
  if (/^b\d+:/.test(state.tail ?? '')) blocks.add(state.tail.split(':')[0]);
  const others = Object.keys(state).filter((place) => place !== 'tail' && !/^b\d+\./.test(place));
  const rest = made('table', {}, made('tbody', {}, ...others.map((place) =>
    made('tr', { className: marked(place, changed) }, made('th', { textContent: place }), made('td', { textContent: state[place] })))));
  const number = (name) => Number(name.slice(1));
  at('moment').replaceChildren(...('tail' in state ? [drawWord(state.tail, changed)] : []),
    ...[...blocks].sort((a, b) => number(a) - number(b)).map((name) => drawBlock(name, state, changed)),
    made('details', { className: 'rest', open: restIsOpen ?? others.length <= FEW }, made('summary', { textContent: 'all else' }), rest));
  [...at('steps').tBodies[0].rows].forEach((row, i) => {
    row.className = i + 1 === position ? 'now' : i >= position ? 'later' : '';
  });
  at('at').textContent = `step ${position} of ${run.steps.length}`;
  at('position').value = position;
}

at('moment').addEventListener('click', (event) => {
  if (event.target.tagName === 'SUMMARY') restIsOpen = !event.target.parentElement.open;
});

function goTo(step) {
  position = Math.max(0, Math.min(run.steps.length, step));
  draw();
}

function show(index, step = 0) {
  run = data.runs[index];
  at('run').value = index;
  at('position').max = run.steps.length;
  at('ending').textContent = [run.source, run.ending, run.again].filter(Boolean).join('; ');
  const head = made('thead', {}, made('tr', {}, made('th'), ...run.threads.map((name) => made('th', { textContent: name }))));
  const rows = run.steps.map((taken, i) => {
    const row = made('tr', {}, made('td', { textContent: i + 1 }), ...run.threads.map((_, t) => made('td', { textContent: t === taken.thread ? taken.text : '' })));
    row.addEventListener('click', () => goTo(i + 1));
    return row;
  });
  at('steps').replaceChildren(head, made('tbody', {}, ...rows));
  goTo(step);
}

data.runs.forEach((r, i) => at('run').append(made('option', { value: i, textContent: `${i + 1}. ${r.title}: ${r.ending}`.slice(0, 110) })));
at('run').addEventListener('change', (event) => { location.hash = `run=${event.target.value}`; });
const keys = { ArrowRight: () => position + 1, ArrowLeft: () => position - 1, Home: () => 0, End: () => run.steps.length };
for (const [id, key] of [['first', 'Home'], ['back', 'ArrowLeft'], ['forward', 'ArrowRight'], ['last', 'End']]) at(id).addEventListener('click', () => goTo(keys[key]()));
at('position').addEventListener('input', (event) => goTo(Number(event.target.value)));
document.addEventListener('keydown', (event) => {
  const isElsewhere = event.target.closest('select, input, textarea, .code') || event.ctrlKey || event.metaKey || event.altKey;
  const box = at('stepper').getBoundingClientRect(), isSeen = box.top < innerHeight && box.bottom > 0;
  if (!run || isElsewhere || !isSeen || !(event.key in keys)) return;
  event.preventDefault();
  goTo(keys[event.key]());
});

// ---- the address ----------------------------------------------------------------------------------------------------

function follow() {
  const hash = decodeURIComponent(location.hash.slice(1));
  const [, what, where] = /^(action|run)=(.*)$/.exec(hash) ?? [];
  if (what === 'action') choose(...where.split('/'));
  if (what === 'run' && data.runs[where]) {
    show(where);
    at('stepper').scrollIntoView();
  }
  for (let element = hash && at(hash); element; element = element.parentElement) if (element.tagName === 'DETAILS') element.open = true;
  if (!what && hash) at(hash)?.scrollIntoView();
}
if (data.runs.length) show(0);
addEventListener('hashchange', follow);
// A printed page is read without opening anything.
addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
follow();
