// What was verified, what is in quarantine, and what can be started.

import { get, post, token } from './api.js';
import { body, byId, el, state, trouble, within } from './dom.js';
import { ago, count, moment, seconds } from './format.js';

const NAMES = { verify: 'Verification', 'quarantine-retry': 'Reading quarantined records again', snapshot: 'Reading a table again' };
const VERDICTS = {
  match: ['ok', 'Source and stores hold the same', 'the same'],
  mismatch: ['down', 'Source and stores differ', 'differs'],
  'not-verified': ['attention', 'It could not be verified', 'not verified'],
};

let on = false;

export const actionsOn = () => on && token.get() !== '';

export async function showChecks() {
  const [verified, quarantine] = await Promise.all([
    within(byId('trouble'), () => get('verification')),
    within(byId('quarantine-note'), () => get('quarantine')),
  ]);
  if (verified !== null) {
    showVerification(verified);
  }
  if (quarantine !== null) {
    showQuarantine(quarantine);
  }
}

function showVerification(found) {
  const report = found.report;
  byId('verification').hidden = !report?.tables;
  if (!report) {
    byId('verdict').replaceChildren(state('unknown', 'Not verified yet'), ` ${found.problem || './kappa verify compares source, trails and mirror row by row.'}`);
    return;
  }
  const [id, words] = VERDICTS[report.verdict] ?? ['unknown', report.verdict];
  byId('verdict').replaceChildren(state(id, words), ' ',
    el('span', { class: 'quiet' }, report.tables
      ? `${ago(found.at)}, at ${report.fenceLsn}, ${count(report.tables.length)} tables in ${seconds(report.durationMillis / 1000)} (ended ${moment(found.at)})`
      : `${ago(found.at)}: ${report.reason} ${report.remedy}`));
  body(byId('verification'), (report.tables ?? []).map((table) => {
    const [tableState, , tableWords] = VERDICTS[table.verdict] ?? ['unknown', '', table.verdict];
    return el('tr', {},
      el('th', { scope: 'row' }, table.table),
      el('td', { class: 'tight' }, state(tableState, tableWords)),
      el('td', { class: 'n' }, count(table.sourceRows)),
      el('td', {}, ...table.stores.map((store) => el('div', {}, store.store, ': ', inWords(store))),
        ...table.notes.map((note) => el('div', { class: 'quiet' }, note))));
  }));
}

function inWords(store) {
  if (store.verdict === 'match') {
    return `${count(store.rows)} rows, the same`;
  }
  const differs = `${count(store.missing)} missing, ${count(store.extra)} extra, ${count(store.different)} different`;
  return store.verdict === 'mismatch' ? differs : store.reason ?? store.verdict;
}

function showQuarantine(found) {
  byId('quarantine').hidden = found.records.length === 0;
  byId('quarantine-note').textContent = found.records.length === 0
    ? 'Nothing is in the trail’s quarantine.'
    : `${found.records.length === 1 ? 'One record' : `${found.more ? 'The newest ' : ''}${count(found.records.length)} records`} that could not be read. Tables of which any can be read now are rebuilt.`;
  body(byId('quarantine'), found.records.map((record) => el('tr', {},
    el('td', { class: 'tight' }, moment(record.at)),
    el('td', {}, record.topic),
    el('td', { class: 'n' }, record.partition),
    el('td', { class: 'n' }, record.offset),
    el('td', {}, record.reason),
    el('td', { class: 'n' }, count(record.bytes)),
    el('td', { class: 'mono cell' }, record.value ?? ''))));
}

export function showActions(overview) {
  on = overview.actionsOn;
  const isRunning = overview.actions.some((action) => action.ended === null);
  document.querySelectorAll('[data-action]').forEach((button) => {
    button.disabled = !actionsOn() || isRunning;
  });
  byId('token-summary').textContent = !on ? 'Read-only' : token.get() === '' ? 'Give the token' : 'With token';
  byId('actions-note').textContent = !on
    ? 'The console is read-only. With KAPPA_CONSOLE_TOKEN set to a secret, it can verify, read tables again and retry quarantine.'
    : token.get() === '' ? 'Give the token, above, to verify, to read tables again or to retry quarantine.'
      : overview.actions.length === 0 ? 'Nothing yet.' : '';
  const lines = overview.actions.map((action) => `${action.action} ${action.target} ${action.started} ${action.ended} ${action.exitCode}`).join();
  if (byId('actions').dataset.lines !== lines) {
    byId('actions').dataset.lines = lines;
    byId('actions').replaceChildren(...overview.actions.map(item));
  }
}

function item(action) {
  const outcome = action.ended === null ? state('unknown', 'under way')
    : action.exitCode === 0 ? state('ok', 'done') : state('attention', `ended with code ${action.exitCode}`);
  return el('li', {}, `${NAMES[action.action] ?? action.action} ${action.target} `, outcome,
    el('span', { class: 'quiet' }, ` ${moment(action.started)}${action.ended === null ? '' : `, ${seconds((action.ended - action.started) / 1000)}`}`),
    action.said.length > 0 ? el('details', {}, el('summary', {}, 'what it said'), el('pre', { tabindex: '0' }, action.said.join('\n'))) : null);
}

export async function act(name, parameters, question) {
  if (!window.confirm(question)) {
    return;
  }
  try {
    await post(`actions/${name}`, parameters);
    location.hash = '#checks';
  } catch (e) {
    byId('trouble').replaceChildren(trouble(e));
  }
}

byId('verify').addEventListener('click', () => act('verify', {}, 'Compare source, trails and mirror row by row now? It reads all tables.'));
byId('retry').addEventListener('click', () => act('quarantine-retry', {}, 'Read the records in quarantine again? Tables of which any can be read now are rebuilt from their topics.'));
