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
