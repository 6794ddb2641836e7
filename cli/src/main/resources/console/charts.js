// Points of the last hour, as charts and as the account of the batches.

import { body, byId, el } from './dom.js';
import { rate, seconds, time } from './format.js';
import { NAMES } from './flow.js';

const HOUR = 3600_000;
const DRAWN_MAX = 240;
const SINKS = [['postgres-trail', '--c-postgres'], ['delta-trail', '--c-trail'], ['delta-mirror', '--c-mirror']];
const PHASES = ['plan', 'write', 'moment'];
const MEBI = 1024 * 1024;

let fields = [];
let points = [];
let charts = null;

const range = () => Number(document.querySelector('#range input:checked').value) * 1000;
const place = (field) => fields.indexOf(field) + 1;

export function addPoints(overview) {
  fields = overview.fields;
  points.push(...overview.points);
  const oldest = overview.at - HOUR;
  while (points.length > 0 && points[0][0] < oldest) {
    points.shift();
  }
}

export function forgetPoints() {
  points = [];
}

/** At most so many as are to be seen: the larger of neighbours, so that no peak is lost. */
function line(field, factor = 1) {
  const index = place(field);
  const from = Date.now() - range();
  const shown = points.filter((point) => point[0] >= from);
  const group = Math.max(1, Math.ceil(shown.length / DRAWN_MAX));
  const drawn = [];
  for (let i = 0; i < shown.length; i += group) {
    const some = shown.slice(i, i + group);
    const values = some.map((point) => point[index]).filter((value) => value !== null);
    drawn.push({ x: some[some.length - 1][0], y: values.length ? Math.max(...values) * factor : null });
  }
  return drawn;
}

const series = (label, field, color, more = {}) => ({ label, field, color, ...more });

const KINDS = {
  'c-rate': { unit: (value) => rate(value), series: [
    series('captured', 'capture.rate', '--c-capture', { dash: [2, 2] }),
    ...SINKS.map(([sink, color]) => series(NAMES[sink], `${sink}.rate`, color))] },
  'c-latency': { unit: seconds, series: SINKS.flatMap(([sink, color]) => [
    series(`${NAMES[sink]} p50`, `${sink}.p50`, color),
    series(`${NAMES[sink]} p99`, `${sink}.p99`, color, { dash: [5, 3] })]) },
  'c-lag': { unit: seconds, series: [
    series('captured', 'capture.lag', '--c-capture', { dash: [2, 2] }),
    ...SINKS.map(([sink, color]) => series(NAMES[sink], `${sink}.lag`, color))] },
  'c-wal': { unit: (value) => `${rate(value)} MiB`, series: [
    series('held by the slot', 'slot.held', '--c-postgres', { factor: 1 / MEBI, fill: true })] },
};

function make(id, kind) {
  const style = getComputedStyle(document.documentElement);
  const css = (name) => style.getPropertyValue(name).trim();
  return new window.Chart(byId(id), {
    type: 'line',
    data: { datasets: kind.series.map((one) => ({
      label: one.label, data: [], borderColor: css(one.color), backgroundColor: `${css(one.color)}22`,
      borderWidth: 1.6, borderDash: one.dash ?? [], pointRadius: 0, pointHitRadius: 8, tension: 0, fill: one.fill ?? false, spanGaps: 30_000,
    })) },
    options: {
      animation: false, maintainAspectRatio: false, parsing: false, normalized: true,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: { type: 'linear', grid: { color: css('--grid') }, border: { display: false },
          ticks: { color: css('--quiet'), maxRotation: 0, autoSkipPadding: 24, maxTicksLimit: 6, callback: (value) => time(value) } },
        y: { beginAtZero: true, grid: { color: css('--grid') }, border: { display: false },
          ticks: { color: css('--quiet'), maxTicksLimit: 5, callback: (value) => kind.unit(value) } },
      },
      plugins: {
        legend: { position: 'bottom', align: 'start', labels: { color: css('--text'), boxWidth: 18, boxHeight: 0, padding: 8, font: { size: 12 } } },
        tooltip: { callbacks: {
          title: (items) => time(items[0].parsed.x),
          label: (item) => `${item.dataset.label}: ${kind.unit(item.parsed.y)}` } },
      },
    },
  });
}

/** Anew, since the colours are part of what was made. */
export function recolor() {
  if (charts !== null) {
    Object.values(charts).forEach((chart) => chart.destroy());
    charts = null;
    drawCharts();
  }
}

export function drawCharts() {
  if (!window.Chart || fields.length === 0) {
    return;
  }
  charts ??= Object.fromEntries(Object.entries(KINDS).map(([id, kind]) => [id, make(id, kind)]));
  const now = Date.now();
  for (const [id, kind] of Object.entries(KINDS)) {
    const chart = charts[id];
    kind.series.forEach((one, i) => {
      chart.data.datasets[i].data = line(one.field, one.factor);
    });
    chart.options.scales.x.min = Math.max(now - range(), Math.min(points[0]?.[0] ?? now, now - 60_000));
    chart.options.scales.x.max = now;
    chart.update('none');
    byId(id).setAttribute('aria-label', inWords(kind, chart));
  }
  showBatches();
}

function inWords(kind, chart) {
  const says = kind.series.map((one, i) => {
    const values = chart.data.datasets[i].data.map((point) => point.y).filter((value) => value !== null);
    return values.length
      ? `${one.field}: now ${kind.unit(values[values.length - 1])}, at most ${kind.unit(Math.max(...values))}`
      : `${one.field}: nothing yet`;
  });
  return `Chart. ${says.join('; ')}`;
}

function showBatches() {
  const last = points.filter((point) => point[0] > Date.now() - 60_000);
  const sum = (field) => last.reduce((all, point) => all + (point[place(field)] ?? 0), 0);
  const rows = SINKS.map(([sink]) => {
    const batches = sum(`${sink}.batches`);
    return { sink, batches, phases: PHASES.map((phase) => (batches > 0 ? sum(`${sink}.${phase}`) / batches : null)) };
  });
  const longest = Math.max(...rows.map((row) => row.phases.reduce((all, phase) => all + (phase ?? 0), 0)), 1e-9);
  body(byId('batches'), rows.map((row) => {
    const bar = el('div', { class: 'stack', 'aria-hidden': 'true' });
    row.phases.forEach((phase, i) => {
      const part = el('span', { class: PHASES[i] });
      part.style.width = `${(100 * (phase ?? 0)) / longest}%`;
      bar.append(part);
    });
    return el('tr', {},
      el('th', { scope: 'row' }, NAMES[row.sink]),
      el('td', { class: 'n' }, rate(row.batches)),
      ...row.phases.map((phase) => el('td', { class: 'n' }, seconds(phase))),
      el('td', { class: 'n' }, seconds(row.batches > 0 ? row.phases.reduce((all, phase) => all + phase, 0) : null)),
      el('td', {}, bar));
  }));
}
