import type { Rng } from '../core/rng.js';

/**
 * A place 0..count-1 with a probability proportional to its weight; one of weight 0 never comes.
 * @param upTo running sums of the weights, of which the first `count` are used; the last is above 0
 */
export function drawByWeight(upTo: ArrayLike<number>, count: number, rng: Rng): number {
  const x = rng.uniform(0, upTo[count - 1]);
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
