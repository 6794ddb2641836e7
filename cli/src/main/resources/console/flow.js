// The flow, drawn, and the same as a table.

import { body, byId, el, sign, state, svg, word } from './dom.js';
import { ago, bytes, count, moment, rate, seconds } from './format.js';

export const NAMES = {
  source: 'Source', capture: 'Capture', kafka: 'Kafka',
  'postgres-trail': 'Trail in PostgreSQL', 'delta-trail': 'Trail in the lake', 'delta-mirror': 'Mirror in the lake',
};

const PLACES = {
  source: [4, 106, 200], capture: [264, 106, 200], kafka: [524, 106, 200],
  'postgres-trail': [810, 2, 266], 'delta-trail': [810, 106, 266], 'delta-mirror': [810, 210, 266],
};
const HEIGHT = 88;
const EDGES = [['source', 'capture'], ['capture', 'kafka'],
  ['kafka', 'postgres-trail'], ['kafka', 'delta-trail'], ['kafka', 'delta-mirror']];

function edge([from, to], figures) {
  const [x, y, width] = PLACES[from];
  const [toX, toY] = PLACES[to];
  const startX = x + width;
  const startY = y + HEIGHT / 2;
  const endY = toY + HEIGHT / 2;
  const middle = (startX + toX) / 2;
  const path = `M${startX},${startY} C${middle},${startY} ${middle},${endY} ${toX},${endY}`;
  const flows = (to === 'capture' || to === 'kafka' ? figures.capture?.rate : figures[to]?.rate) || 0;
  return [
    svg('path', { class: 'edge', d: path, 'stroke-width': 2 + Math.min(6, Math.log10(1 + flows) * 1.5) }),
    svg('path', { class: `pulse ${flows > 0 ? 'on' : ''}`, d: path }),
  ];
}

function lines(stage) {
  const f = stage.figures;
  switch (stage.id) {
    case 'source':
      return [f.lsn ?? '–', `slot ${f.slot ?? '–'}`, `${bytes(f.unconfirmedBytes)} of WAL to confirm`];
    case 'capture':
      return [`${rate(f.rate)} /s`, f.phase ?? '', `${seconds(f.lag)} behind`];
    case 'kafka':
      return [`${bytes(f.bytes)}/s`, `${count(f.topics)} topics`,
        f.cutAgeMillis === undefined ? 'no cut yet' : `last cut ${seconds(f.cutAgeMillis / 1000)} ago`];
    default:
      return [`${rate(f.rate)} /s`, `p50 ${seconds(f.p50)}, p99 ${seconds(f.p99)}`,
        `${seconds(f.lag)} behind, ${count(f.lagEvents)} to go`];
  }
}

function node(stage) {
  const [x, y, width] = PLACES[stage.id];
  const [big, first, second] = lines(stage);
  return svg('g', { class: stage.state },
    svg('rect', { x, y, width, height: HEIGHT, rx: 6 }),
    svg('rect', { class: 'stripe', x, y: y + 6, width: 4, height: HEIGHT - 12 }),
    svg('text', { class: 'name', x: x + 14, y: y + 19 }, NAMES[stage.id]),
    svg('text', { class: 'mark', x: x + width - 20, y: y + 19 }, sign(stage.state)),
    svg('text', { class: 'big', x: x + 14, y: y + 43 }, big),
    svg('text', { class: 'small', x: x + 14, y: y + 61 }, first),
    svg('text', { class: 'small', x: x + 14, y: y + 78 }, second));
}

function inWords(stages) {
  return stages.map((stage) => `${NAMES[stage.id]} ${word(stage.state)}: ${lines(stage).join(', ')}.`).join(' ');
}

let drawing = null;

function draw(stages) {
  const figures = Object.fromEntries(stages.map((stage) => [stage.id, stage.figures]));
  if (drawing === null) { // The edges stay, so that what moves on them does not begin anew each time.
    drawing = svg('svg', { class: 'flow', viewBox: '0 0 1080 300', role: 'img', 'aria-labelledby': 'flow-title flow-words' },
      svg('title', { id: 'flow-title' }, 'The flow of changes from the source through capture and Kafka to the three stores'),
      svg('desc', { id: 'flow-words' }),
      ...EDGES.map((ends) => svg('g', { 'data-edge': ends.join() }, ...edge(ends, figures))),
      svg('g', { 'data-nodes': '' }));
    byId('flow-figure').replaceChildren(drawing);
  }
  for (const ends of EDGES) {
    const [line, pulse] = drawing.querySelector(`[data-edge="${ends.join()}"]`).children;
    const [newLine, newPulse] = edge(ends, figures);
    line.setAttribute('stroke-width', newLine.getAttribute('stroke-width'));
    pulse.setAttribute('class', newPulse.getAttribute('class'));
  }
  drawing.querySelector('[data-nodes]').replaceChildren(...stages.map(node));
  drawing.querySelector('desc').textContent = inWords(stages);
}

function standsAt(stage) {
  const f = stage.figures;
  return f.completeLsn ? [el('span', { class: 'mono' }, f.completeLsn), ` ${moment(f.completeMillis)}`]
    : f.cutLsn ? [el('span', { class: 'mono' }, f.cutLsn), ' the last cut']
      : f.lsn ? [el('span', { class: 'mono' }, f.lsn), ' end of its WAL'] : ['–'];
}

function more(stage) {
  const f = stage.figures;
  const parts = [];
  if (stage.id === 'source' && f.walStatus) {
    parts.push(`slot ${f.slot} ${f.walStatus}, holds ${bytes(f.walHeldBytes)} of WAL`);
  }
  if (stage.id === 'capture' && f.phase) {
    parts.push(f.phase === 'snapshot' ? `snapshot, ${count(f.snapshotRows)} rows read` : f.phase);
  }
  if (stage.id === 'kafka' && f.topics !== undefined) {
    parts.push(`${count(f.topics)} topics of tables, end offsets add up to ${count(f.endOffsets)}`);
  }
  if (f.lastCommitMillis) {
    parts.push(`${count(f.changes)} changes in ${count(f.batches)} batches since its start; the last ${ago(f.lastCommitMillis)}, ${seconds(f.lastBatchMillis / 1000)}`);
  }
  return [...stage.says, parts.join('; ')].join(' ');
}

function row(stage) {
  const f = stage.figures;
  return el('tr', {},
    el('th', { scope: 'row' }, NAMES[stage.id]),
    el('td', {}, state(stage.state)),
    el('td', { class: 'n' }, rate(f.rate)),
    el('td', { class: 'n' }, seconds(f.lag)),
    el('td', { class: 'n' }, count(f.lagEvents)),
    el('td', { class: 'tight num' }, ...standsAt(stage)),
    el('td', {}, more(stage)));
}

export function showFlow(overview) {
  draw(overview.stages);
  body(byId('stages'), overview.stages.map(row));
}
