// Asks the server. A failure is a Problem, with what happened, why, and what to do.

const TOKEN = 'kappa-console-token';

export class Problem extends Error {
  constructor(status, said) {
    super(said.problem);
    this.status = status;
    this.problem = said.problem;
    this.cause = said.cause;
    this.remedy = said.remedy;
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN) ?? '',
  set: (value) => (value ? sessionStorage.setItem(TOKEN, value) : sessionStorage.removeItem(TOKEN)),
};

async function ask(method, path, parameters) {
  const query = new URLSearchParams(parameters).toString();
  const headers = token.get() ? { Authorization: `Bearer ${token.get()}` } : {};
  let response;
  try {
    response = await fetch(`api/${path}${query ? `?${query}` : ''}`, { method, headers });
  } catch {
    throw new Problem(0, {
      problem: 'The console does not answer',
      cause: 'its process has ended, or the way to it is broken',
      remedy: 'The page asks again by itself.',
    });
  }
  const said = await response.json().catch(() => null);
  if (!response.ok || said === null) {
    throw new Problem(response.status, said?.problem ? said : {
      problem: 'The console cannot answer', cause: `HTTP status ${response.status}`, remedy: 'Load the page again.',
    });
  }
  return said;
}

export const get = (path, parameters = {}) => ask('GET', path, parameters);
export const post = (path, parameters = {}) => ask('POST', path, parameters);
