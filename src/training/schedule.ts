/**
 * Linear warm-up to `peak` over `warmup` steps, then half a cosine down to 0 at `steps`.
 * @param step 0-based
 * @source Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5, without restarts
 */
export function warmupCosine(step: number, options: { peak: number; warmup: number; steps: number }): number {
  const { peak, warmup, steps } = options;
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return (peak * (1 + Math.cos(Math.PI * done))) / 2;
}

/**
 * From `from` down (or up) to `to` by equal factors until a share `until` of the steps is done, then level.
 * @param step 0-based @param options from, to > 0; until 0..1
 */
export function geometricSchedule(
  step: number,
  options: { from: number; to: number; until: number; steps: number },
): number {
  const { from, to, until, steps } = options;
  const done = until > 0 ? Math.min(1, step / (until * steps)) : 1;
  return from * (to / from) ** done;
}

/** 0 until a share `from` of the steps is done, then in a line up to `peak` at `until`, then level. @param step 0-based */
export function linearRamp(
  step: number,
  options: { peak: number; from: number; until: number; steps: number },
): number {
  const { peak, from, until, steps } = options;
  return peak * Math.min(1, Math.max(0, (step / steps - from) / Math.max(until - from, 1 / steps)));
}
