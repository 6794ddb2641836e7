// The feed of changes and the life of one row: the same lines.

import { get } from './api.js';
import { body, byId, el, within } from './dom.js';
import { fillSelect } from './tables.js';
import { ago, count, moment, seconds } from './format.js';

const OPS = { c: 'insert', u: 'update', d: 'delete', t: 'truncate', r: 'read' };
const INLINE_MAX = 8;

const isUnsent = (cell) => cell !== null && typeof cell === 'object' && cell.unsent === true;
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function value(cell, tag = 'span') {
  if (cell === null) {
    return el(tag, { class: 'null' }, 'null');
  }
  if (isUnsent(cell)) {
    return el(tag, { class: 'null' }, 'not sent, unchanged');
  }
  return typeof cell === 'object'
    ? el(tag, { class: 'cell', title: 'Only its beginning is shown' }, `${cell.cut}…`)
    : el(tag, { class: 'cell' }, cell === '' ? '(empty)' : cell);
}

/** The columns with their values before and after; undefined for a side that there is not. */
function diff(change, table) {
  const hasAfter = change.op !== 'd' && change.op !== 't';
  return table.columns.map((column, i) => {
    const after = hasAfter ? change.after[i] : undefined;
    const sent = change.before === null || (change.op === 'c') ? undefined : change.before[i];
    const before = change.op === 'd' && (sent === undefined || isUnsent(sent)) ? change.after[i] : sent;
    const known = before !== undefined && !isUnsent(before) && !isUnsent(after);
    return { column, before, after, changed: hasAfter && known && !same(before, after) };
  });
}

function piece(column, ...values) {
  return el('span', { class: 'value' }, el('span', { class: 'column' }, column), ...values);
}

function values(change, table) {
  if (change.op === 't') {
    return [el('span', {}, 'All rows of the table are gone.')];
  }
  const cells = diff(change, table);
  let shown;
  if (change.op === 'u' && change.before !== null) {
    const changed = cells.filter((cell) => cell.changed);
    shown = changed.length > 0
      ? changed.map((cell) => piece(cell.column, value(cell.before, 'del'), ' → ', value(cell.after, 'ins')))
      : [el('span', { class: 'quiet' }, 'the same values again')];
  } else {
    const tag = change.op === 'd' ? 'del' : change.op === 'u' ? 'span' : 'ins';
    shown = cells.filter((cell) => !table.key.includes(cell.column))
      .map((cell) => [cell, change.op === 'd' ? cell.before : cell.after])
      .filter(([, content]) => content !== null && content !== undefined && !isUnsent(content))
      .map(([cell, content]) => piece(cell.column, value(content, tag)));
    if (change.op === 'u') {
      shown.push(elsewhere(change, table));
    }
    if (change.op === 'd' && shown.length === 0) {
      shown.push(elsewhere(change, table));
    }
  }
  const left = shown.length - INLINE_MAX;
  return [
    ...shown.slice(0, INLINE_MAX),
    left > 0 ? el('span', { class: 'quiet' }, `and ${left} more `) : null,
    el('details', {}, el('summary', {}, 'all'), whole(change, cells)),
  ];
}

/** Where the row before is to be found, if it was not near. */
function elsewhere(change, table) {
  const key = keyOf(change, table);
  return el('span', { class: 'value quiet' }, 'before: ', key === null ? 'not near' : link(change.topic, key, 'its history'));
}

function whole(change, cells) {
  const from = change.op !== 'u' && change.op !== 'd' ? '' : { sent: ' (sent by PostgreSQL)', trail: ' (its change before)' }[change.beforeFrom] ?? '';
  return el('div', {},
    el('table', {},
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Column'), el('th', { scope: 'col' }, `Before${from}`), el('th', { scope: 'col' }, 'After'))),
      el('tbody', {}, ...cells.map((cell) => el('tr', {},
        el('th', { scope: 'row' }, cell.column),
        el('td', {}, cell.before === undefined ? '–' : value(cell.before, cell.changed ? 'del' : 'span')),
        el('td', {}, cell.after === undefined ? '–' : value(cell.after, cell.changed ? 'ins' : 'span')))))),
    el('p', { class: 'quiet' }, `Transaction ${change.tx}; written ${seconds((change.written - change.at) / 1000)} after its commit at the source.`));
}

/** The values of the key, as far as they are plain texts; null if not. */
function keyOf(change, table) {
  const key = table.key.map((column) => change.after[table.columns.indexOf(column)]);
  return key.length > 0 && key.every((part) => typeof part === 'string') ? key : null;
}

function formerKey(change, table) {
  if (change.op !== 'c' || change.before === null) {
    return null;
  }
  const key = table.key.map((column) => change.before[table.columns.indexOf(column)]);
  return key.every((part) => typeof part === 'string')
    ? el('div', { class: 'quiet' }, 'was ', link(change.topic, key)) : null;
}

function link(topic, key, text = key.join(', ')) {
  const query = new URLSearchParams([['topic', topic], ...key.map((part) => ['key', part])]);
  return el('a', { href: `#row?${query}` }, text);
}

function row(change, tables, isNew) {
  const table = tables[change.topic];
  const key = keyOf(change, table);
  return el('tr', { class: isNew ? 'new' : null, 'data-place': `${change.lsn},${change.ordinal}` },
    el('td', { class: 'tight num' }, moment(change.at)),
    el('td', {}, el('span', { class: `op op-${change.op}` }, OPS[change.op] ?? change.op)),
    el('td', { class: 'tight' }, change.table),
    el('td', {}, key === null ? '–' : link(change.topic, key), formerKey(change, table)),
    el('td', { class: 'values' }, ...values(change, table)),
    el('td', { class: 'tight mono quiet' }, `${change.lsn}, ${change.ordinal}`));
}

// The feed

let page = '';
let last = [];

export async function showFeed(parameters) {
  const select = byId('feed-table');
  if (select.options.length < 2) {
    await within(byId('trouble'), () => fillSelect(select, [el('option', { value: '' }, 'all')]));
  }
  const topic = parameters.get('topic');
  if (topic !== null && topic !== select.value) {
    select.value = topic;
  }
  page = '';
  await loadFeed();
}

/** What somebody has opened, or reads at the moment, stays as it is. */
function isRead() {
  return byId('feed').querySelector('details[open]') !== null || byId('feed').contains(document.activeElement);
}

export async function followFeed() {
  if (byId('feed-follow').checked && page === '' && !isRead()) {
    await loadFeed();
  }
}

async function loadFeed() {
  const found = await within(byId('trouble'), () => get('changes', { topic: byId('feed-table').value, before: page, limit: 25 }));
  if (found === null) {
    return;
  }
  const before = new Set(last.map((change) => `${change.lsn},${change.ordinal}`));
  const isFirst = last.length === 0 || page !== '';
  if (!isFirst && found.changes.length === last.length && found.changes.every((change) => before.has(`${change.lsn},${change.ordinal}`))) {
    return;
  }
  last = found.changes;
  body(byId('feed'), last.map((change) => row(change, found.tables, !isFirst && !before.has(`${change.lsn},${change.ordinal}`))));
  byId('feed-newest').hidden = page === '';
  byId('feed-older').disabled = last.length === 0;
  const note = last.length === 0
    ? (page === '' ? 'No changes yet.' : 'There are none before.')
    : page === '' ? '' : `Before ${page}; following goes on with the newest.`;
  const left = found.notAsked.length === 0 ? '' : ` Of all tables these are the ${Object.keys(found.tables).length} that changed last; ${count(found.notAsked.length)} more are left out.`;
  byId('feed-note').textContent = note + left;
}

byId('feed-table').addEventListener('change', () => {
  const topic = byId('feed-table').value;
  last = [];
  location.hash = topic === '' ? '#changes' : `#changes?topic=${encodeURIComponent(topic)}`;
  page = '';
  loadFeed();
});
byId('feed-older').addEventListener('click', () => {
  const oldest = last[last.length - 1];
  page = `${oldest.lsn},${oldest.ordinal}`;
  loadFeed();
});
byId('feed-newest').addEventListener('click', () => {
  page = '';
  last = [];
  loadFeed();
});

// One row

let described = null;

export async function showRow(parameters) {
  const select = byId('row-table');
  if (select.options.length === 0) {
    await within(byId('trouble'), () => fillSelect(select));
  }
  const topic = parameters.get('topic');
  if (topic !== null) {
    select.value = topic;
  }
  if (select.value === '') {
    byId('row-note').textContent = 'No table has a trail yet.';
    return;
  }
  await askForKey();
  const key = parameters.getAll('key');
  if (topic !== null && key.length > 0) {
    inputs().forEach((input, i) => {
      input.value = key[i] ?? '';
    });
    await loadRow(key);
  }
}

const inputs = () => [...byId('row-keys').querySelectorAll('input')];

async function askForKey() {
  const topic = byId('row-table').value;
  if (described?.topic === topic) {
    return;
  }
  const found = await within(byId('trouble'), () => get('changes', { topic, limit: 1 }));
  if (found === null) {
    return;
  }
  described = { topic, ...found.tables[topic] };
  byId('row-keys').replaceChildren(...described.key.map((column) => el('label', { class: 'inline' }, `${column} `,
    el('input', { type: 'text', size: 14, required: true, autocomplete: 'off', spellcheck: 'false', name: column }))));
  byId('row-go').disabled = described.key.length === 0;
  byId('row').hidden = true;
  byId('row-note').textContent = described.key.length === 0
    ? 'This table has no primary key: its rows cannot be told apart.'
    : described.keyIndexed ? '' : `No index of the trail begins with the key, so all of it is read; this one would help: ${described.index}`;
}

async function loadRow(key) {
  const note = byId('row-note');
  const query = new URLSearchParams([['topic', described.topic], ...key.map((part) => ['key', part])]);
  note.textContent = 'Looking …';
  const found = await within(byId('trouble'), () => get('row', query));
  if (found === null) {
    byId('row').hidden = true;
    note.textContent = '';
    return;
  }
  byId('row').hidden = found.changes.length === 0;
  body(byId('row'), found.changes.map((change) => row(change, found.tables, false)));
  note.textContent = found.changes.length === 0
    ? 'The trail has no change of a row with that key.'
    : `${found.whole ? '' : 'The last '}${count(found.changes.length)} changes, oldest first; the first of them ${ago(found.changes[0].at)}. Truncates of the table are not among them.`;
}

byId('row-table').addEventListener('change', () => {
  location.hash = `#row?topic=${encodeURIComponent(byId('row-table').value)}`;
});
byId('row-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const query = new URLSearchParams([['topic', byId('row-table').value], ...inputs().map((input) => ['key', input.value])]);
  if (location.hash === `#row?${query}`) {
    loadRow(inputs().map((input) => input.value));
  } else {
    location.hash = `#row?${query}`;
  }
});
