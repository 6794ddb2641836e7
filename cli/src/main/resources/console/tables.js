// Tables, and the shapes that one has had.

import { get } from './api.js';
import { act, actionsOn } from './checks.js';
import { body, byId, el, state, within } from './dom.js';
import { about, ago, bytes, count, moment, rate } from './format.js';

let tables = [];
let shown = '';

/** The tables' names for a select, asked for when it is needed first. */
export async function fillSelect(select, first = []) {
  const listed = await get('tables');
  tables = listed.tables;
  const chosen = select.value;
  const options = tables.map((table) => el('option', { value: table.topic }, `${table.schema}.${table.table}`));
  select.replaceChildren(...first, ...options);
  if ([...select.options].some((option) => option.value === chosen)) {
    select.value = chosen;
  }
  return tables;
}

/**
 * @param parameters of the address: the topic of the table whose schema is asked for
 */
export async function showTables(parameters) {
  const listed = await within(byId('trouble'), () => get('tables'));
  if (listed === null) {
    return;
  }
  tables = listed.tables;
  const note = tables.length === 0
    ? 'No table has a trail yet: the processor makes one with a table’s first change.'
    : `${count(tables.length)} tables, the one written last first. Rows and changes are the servers’ own estimates; nothing is counted.`;
  byId('tables-note').textContent = listed.sourceProblem ? `${note} ${listed.sourceProblem}` : note;
  draw();
  const asked = tables.find((table) => table.topic === parameters.get('topic'));
  if (asked && shown !== asked.topic) {
    await toggle(asked.topic, `${asked.schema}.${asked.table}`);
  }
}

function draw() {
  const filter = byId('tables-filter').value.toLowerCase();
  const rows = tables.filter((table) => `${table.schema}.${table.table}`.toLowerCase().includes(filter));
  const focused = document.activeElement?.dataset?.topic;
  body(byId('tables'), rows.map(row));
  if (focused) {
    [...document.querySelectorAll('#tables button')].find((button) => button.dataset.topic === focused)?.focus();
  }
}

function row(table) {
  const name = `${table.schema}.${table.table}`;
  const again = actionsOn()
    ? el('button', { type: 'button', class: 'small', 'data-topic': `again ${table.topic}`, 'aria-label': `Read ${name} again`,
      onclick: () => act('snapshot', { topic: table.topic }, `Read ${name} again at the source, while everything streams on?`) }, 'read again')
    : null;
  return el('tr', {},
    el('th', { scope: 'row' }, el('a', { href: `#changes?topic=${encodeURIComponent(table.topic)}` }, name),
      table.stopped ? [' ', state('attention', 'stopped')] : []),
    el('td', { class: 'n' }, about(table.sourceRows)),
    el('td', { class: 'n' }, about(table.trailRows)),
    el('td', { class: 'n' }, bytes(table.trailBytes)),
    el('td', { class: 'n' }, rate(table.trailRate)),
    el('td', { class: 'tight' }, ago(table.changed), ' ', el('span', { class: 'mono quiet' }, table.lsn ?? '')),
    el('td', { class: 'tight' }, ago(table.schemaChanged), ' ', el('span', { class: 'mono quiet' }, table.schemaLsn ?? '')),
    el('td', { class: 'tight' },
      el('button', { type: 'button', class: 'small', 'data-topic': table.topic, 'aria-label': `Schema history of ${name}`,
        'aria-expanded': String(shown === table.topic), 'aria-controls': 'schema', onclick: () => toggle(table.topic, name) }, 'schema'),
      ' ', again));
}

async function toggle(topic, name) {
  shown = shown === topic ? '' : topic;
  draw();
  if (shown === '') {
    byId('schema').replaceChildren();
    return;
  }
  const history = await within(byId('schema'), () => get('schemas', { topic }));
  if (history !== null) {
    byId('schema').replaceChildren(schemas(name, history));
  }
}

function schemas(name, history) {
  if (history.versions.length === 0) {
    return el('p', {}, `The schemas topic has no shape of ${name}.`);
  }
  const newest = history.versions[0];
  const key = newest.key ?? [];
  return el('div', { class: 'schema' },
    el('h3', {}, `Schema of ${name}`),
    el('div', { class: 'scroll' }, el('table', {},
      el('caption', { class: 'hidden' }, 'Its columns now'),
      el('thead', {}, el('tr', {}, ...['Column', 'Type', 'Null', 'Key'].map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...newest.columns.map((column) => el('tr', {},
        el('th', { scope: 'row' }, column.name), el('td', {}, column.type),
        el('td', {}, column.nullable ? 'may be' : 'never'), el('td', {}, key.includes(column.name) ? 'yes' : '')))))),
    el('p', { class: 'quiet' }, `Replica identity ${newest.identity}. ${history.count === 1 ? 'One shape' : `${count(history.count)} shapes`} in the schemas topic, newest first; one that came back stands where it came last.`),
    el('ol', { reversed: true }, ...history.versions.map((version, i) => el('li', {},
      el('span', { class: 'num' }, moment(version.at)), ' ',
      version.changes.length > 0 ? version.changes.join('; ')
        : i === history.versions.length - 1 ? `first published, ${version.columns.length} columns` : 'the same columns again'))));
}

byId('tables-filter').addEventListener('input', draw);
