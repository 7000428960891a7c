import { checkedMetric } from './checked.js';
import { pairwiseDistance } from './distance/pairwise.js';
import { rowDistance } from './distance/rows.js';
import type { Metric } from './manifold.js';

/**
 * One offset b >= 0 an item, [n, 1]: b_x + b_y between different items, 0 from an item to itself. Which rows are one
 * item cannot be seen from offsets: `pairwise` is told by {same: 'diagonal'}, `dist` takes rows of different items.
 */
export function star(): Metric {
  const space = { kind: 'star', dim: 1 } as const;
  return checkedMetric({
    space,
    pairwise: (x, y, options) => pairwiseDistance(space, x, y, undefined, options),
    dist: (x, y) => rowDistance(space, x, y),
  });
}
