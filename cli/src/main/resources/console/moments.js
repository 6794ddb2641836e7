// A table's rows as they were at a moment of the source.

import { get } from './api.js';
import { body, byId, el, within } from './dom.js';
import { value } from './changes.js';
import { fillSelect } from './tables.js';
import { ago, count, moment } from './format.js';

const PAUSE = 200;

let timer = 0;
let asked = 0;
let shown = null;

export async function showAsOf(parameters) {
  const select = byId('as-of-table');
  if (select.options.length === 0) {
    await within(byId('trouble'), () => fillSelect(select));
  }
  const topic = parameters.get('topic');
  if (topic !== null) {
    select.value = topic;
  }
  if (await showRange()) {
    await load(shown === null ? '' : shown.lsn);
  }
}

async function showRange() {
  const range = await within(byId('trouble'), () => get('moments'));
  if (range === null || range.first === null || byId('as-of-table').value === '') {
    byId('as-of-note').textContent = range === null ? '' : 'The trail has not been complete at any moment yet.';
    byId('as-of-slider').disabled = true;
    return false;
  }
  const slider = byId('as-of-slider');
  slider.disabled = false;
  slider.min = range.first.at;
  slider.max = Math.max(range.last.at, range.first.at + 1);
  slider.step = Math.max(1, Math.round((slider.max - slider.min) / 2000));
  byId('as-of-first').textContent = moment(range.first.at);
  byId('as-of-last').textContent = moment(range.last.at);
  return true;
}

async function load(at) {
  const mine = ++asked;
  const found = await within(byId('trouble'), () => get('as-of', { topic: byId('as-of-table').value, at }));
  if (mine !== asked) {
    return; // Somebody moved on meanwhile.
  }
  const table = byId('as-of');
  table.hidden = found === null;
  if (found === null) {
    byId('as-of-note').textContent = '';
    return;
  }
  shown = found.moment;
  const slider = byId('as-of-slider');
  slider.value = shown.at;
  say(shown.at);
  step('as-of-previous', found.previous);
  step('as-of-next', found.next);
  table.caption.textContent = `${found.name} at ${shown.lsn}, ${moment(shown.at)}`;
  table.tHead.replaceChildren(el('tr', {}, ...found.columns.map((column) => el('th', { scope: 'col' }, column))));
  body(table, found.rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, value(cell))))));
  byId('as-of-note').textContent = found.rows.length === 0
    ? 'It had no rows then.'
    : `${found.more ? 'The first ' : ''}${count(found.rows.length)} rows, ${ago(shown.at)}.`;
}

function say(at) {
  byId('as-of-at').textContent = moment(at);
  byId('as-of-slider').setAttribute('aria-valuetext', moment(at));
}

function step(id, to) {
  byId(id).disabled = to === null;
  byId(id).dataset.lsn = to?.lsn ?? '';
}

byId('as-of-slider').addEventListener('input', (event) => {
  const at = Number(event.target.value);
  say(at);
  clearTimeout(timer);
  timer = setTimeout(() => load(new Date(at).toISOString()), PAUSE);
});
for (const id of ['as-of-previous', 'as-of-next']) {
  byId(id).addEventListener('click', (event) => load(event.currentTarget.dataset.lsn));
}
byId('as-of-latest').addEventListener('click', async () => {
  if (await showRange()) {
    await load('');
  }
});
byId('as-of-table').addEventListener('change', () => load(shown === null ? '' : shown.lsn));
