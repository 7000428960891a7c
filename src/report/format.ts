/** What stands where a number is missing. */
export const MISSING = '–';

/** Beyond this a value is taken for missing: axes over wider ranges lose their ticks to rounding. */
const LARGEST = 1e15;

/** Whether a value can be shown: neither NaN nor larger than 1e15 in size. */
export function isDrawable(value: number): boolean {
  return Math.abs(value) <= LARGEST;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 0.9764 -> "97.6%"; "–" unless drawable. */
export function percent(share: number, decimals = 1): string {
  return isDrawable(share) ? `${(100 * share).toFixed(decimals)}%` : MISSING;
}

/** 12345.6 -> "12,346". */
export function count(value: number): string {
  return isDrawable(value) ? grouped.format(value) : MISSING;
}

/** "1 image", "2,000 images". */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** Three significant digits without an exponent where that stays readable: 0.0123, 1.23, 12.3, 123, 1.2e-7. */
export function number(value: number): string {
  if (!isDrawable(value)) return MISSING;
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(1);
  if (size >= 1000) return count(value);
  return String(Number(value.toPrecision(3)));
}

/** 6.42 -> "6.4°". */
export function degrees(value: number): string {
  return isDrawable(value) ? `${value.toFixed(1)}°` : MISSING;
}

/** A duration as people say it: "0.4 s", "58 s", "2 min 5 s", "1 h 3 min". */
export function duration(seconds: number): string {
  if (!(seconds >= 0 && seconds <= LARGEST)) return MISSING;
  if (seconds < 10) return `${Number(seconds.toPrecision(2))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}
