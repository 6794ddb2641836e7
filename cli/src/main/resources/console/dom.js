// Elements. Whatever comes from the server becomes text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);
export const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export function body(table, rows) {
  table.tBodies[0].replaceChildren(...rows);
}

const SIGNS = { ok: '●', attention: '▲', down: '■', unknown: '○' };
const WORDS = { ok: 'runs', attention: 'needs a look', down: 'down', unknown: 'not known' };

export const sign = (state) => SIGNS[state] ?? SIGNS.unknown;
export const word = (state) => WORDS[state] ?? state;
export const state = (id, text = word(id)) => el('span', { class: `sign ${id}` }, `${sign(id)} ${text}`);

export function trouble(problem) {
  return el('div', { class: 'trouble' },
    el('p', {}, el('strong', {}, `${problem.problem ?? problem.message}: `), problem.cause ?? ''),
    problem.remedy ? el('p', { class: problem.remedy.startsWith('CREATE') ? 'mono' : '' }, problem.remedy) : null);
}

/** Runs the work of a view; its failure is shown in the place. */
export async function within(place, work) {
  try {
    const result = await work();
    place.replaceChildren();
    return result;
  } catch (e) {
    if (!('status' in e)) {
      throw e;
    }
    place.replaceChildren(trouble(e));
    return null;
  }
}
