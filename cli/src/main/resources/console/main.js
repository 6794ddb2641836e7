// Which view is shown, what is asked for how often, the theme and the token.

import { get, token } from './api.js';
import { addPoints, drawCharts, forgetPoints, recolor } from './charts.js';
import { followFeed, showFeed, showRow } from './changes.js';
import { showActions, showChecks } from './checks.js';
import { byId, setText, sign, trouble } from './dom.js';
import { showFlow } from './flow.js';
import { time } from './format.js';
import { showAsOf } from './moments.js';
import { showTables } from './tables.js';

const EVERY = 2000;
const SLOWLY = 5; // of those
const THEMES = ['system', 'light', 'dark'];
const THEME = 'kappa-console-theme';
const VIEWS = {
  flow: { show: async () => drawCharts() },
  tables: { show: showTables, slowly: () => showTables(new URLSearchParams()) },
  changes: { show: showFeed, often: followFeed },
  row: { show: showRow },
  'as-of': { show: showAsOf },
  checks: { show: showChecks, slowly: showChecks },
};

let view = 'flow';
let isRouted = false;
let sequence = 0;
let ticks = 0;
let isAnswered = true;

function chosen() {
  const [name, query] = location.hash.slice(1).split(/\?(.*)/s);
  return [name in VIEWS ? name : 'flow', new URLSearchParams(query ?? '')];
}

async function route() {
  const [name, parameters] = chosen();
  const isMove = isRouted && name !== view;
  isRouted = true;
  view = name;
  byId('trouble').replaceChildren();
  for (const id of Object.keys(VIEWS)) {
    byId(`view-${id}`).hidden = id !== name;
  }
  document.querySelectorAll('nav a').forEach((link) => {
    if (link.hash === `#${name}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  });
  const title = byId(`h-${name}`);
  document.title = `${title.textContent} · kappa console`;
  if (isMove) {
    title.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  await VIEWS[name].show(parameters);
}

async function look() {
  try {
    const overview = await get('overview', { since: sequence });
    if (!isAnswered || overview.sequence < sequence) { // It was started again.
      byId('trouble').replaceChildren();
    }
    if (overview.sequence < sequence) {
      forgetPoints();
      sequence = 0;
      return;
    }
    isAnswered = true;
    sequence = overview.sequence;
    addPoints(overview);
    showActions(overview);
    setText(byId('home'), overview.home);
    setText(byId('updated'), `· ${time(overview.at)}`);
    byId('state').dataset.state = overview.state;
    setText(byId('state'), `${sign(overview.state)} ${{ ok: 'All runs', unknown: 'Not all is known', attention: 'Needs a look', down: 'Something is down' }[overview.state]}`);
    if (view === 'flow') {
      showFlow(overview);
      drawCharts();
    }
  } catch (e) {
    if (!('status' in e)) {
      throw e;
    }
    isAnswered = false;
    byId('state').dataset.state = 'unknown';
    setText(byId('state'), `${sign('unknown')} ${e.status === 401 ? 'Token needed' : 'No answer'}`);
    byId('trouble').replaceChildren(trouble(e));
    if (e.status === 401) {
      byId('token-box').open = true;
    }
  }
}

async function tick() {
  if (!document.hidden) {
    ticks++;
    await look();
    if (isAnswered) {
      await VIEWS[view].often?.();
      if (ticks % SLOWLY === 0) {
        await VIEWS[view].slowly?.();
      }
    }
  }
}

async function run() {
  try {
    await tick();
  } finally {
    setTimeout(run, EVERY);
  }
}

function useTheme(theme) {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
  byId('theme').textContent = `Theme: ${theme}`;
  recolor();
}

byId('theme').addEventListener('click', () => {
  const now = localStorage.getItem(THEME) ?? 'system';
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  localStorage.setItem(THEME, next);
  useTheme(next);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolor);

byId('token-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  token.set(byId('token').value);
  byId('token').value = '';
  byId('token-box').open = false;
  await look();
  await route();
});
byId('token-box').addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    byId('token-box').open = false;
    byId('token-summary').focus();
  }
});
byId('range').addEventListener('change', drawCharts);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    look();
  }
});
window.addEventListener('hashchange', route);

useTheme(THEMES.includes(localStorage.getItem(THEME)) ? localStorage.getItem(THEME) : 'system');
await Promise.all([route(), run()]); // The first look need not wait for what the view asks.
