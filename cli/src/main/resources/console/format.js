// Figures as people read them.

const DASH = '–';
const known = (number) => number !== null && number !== undefined && Number.isFinite(number);
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' });

export const count = (number) => (known(number) ? whole.format(number) : DASH);
export const about = (number) => (known(number) ? `about ${whole.format(number)}` : DASH);
export const rate = (number) => (!known(number) ? DASH : number > 0 && number < 10 ? tenths.format(number) : whole.format(number));

export function bytes(number) {
  if (!known(number)) {
    return DASH;
  }
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let size = number;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? whole.format(size) : tenths.format(size)} ${units[unit]}`;
}

export function seconds(number) {
  if (!known(number)) {
    return DASH;
  }
  if (number < 1) {
    return `${whole.format(Math.max(0, number) * 1000)} ms`;
  }
  if (number < 120) {
    return `${tenths.format(number)} s`;
  }
  return number < 7200 ? `${whole.format(number / 60)} min` : `${tenths.format(number / 3600)} h`;
}

export function ago(millis, now = Date.now()) {
  if (!known(millis) || millis <= 0) {
    return DASH;
  }
  const past = (now - millis) / 1000;
  return past < 1 ? 'now' : past > 172800 ? day.format(millis) : `${seconds(Math.floor(past)).replace('.0 s', ' s')} ago`;
}

export const time = (millis) => clock.format(millis);

export function moment(millis) {
  const date = new Date(millis);
  return `${day.format(date)} ${clock.format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
