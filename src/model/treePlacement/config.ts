import { requireInteger, requirePositive } from '../../core/checks.js';
import { DomainError, expectation } from '../../core/errors.js';

export interface PlacementConfig {
  /** Units of the hidden layer, ReLU. */
  readonly hidden: number;
  readonly steps: number;
  /** Items a step, each beside all nodes. */
  readonly items: number;
  /** The largest; it falls along half a cosine after the warm-up. */
  readonly learningRate: number;
  /** Steps of linear warm-up, in 0..steps. */
  readonly warmup: number;
  /** Share of the kernels, times the learning rate, that a step takes away; >= 0. */
  readonly weightDecay: number;
  /** 0..2^32-1 */
  readonly seed: number;
  /** Steps between two readings of the loss. */
  readonly reportEvery: number;
}

export const PLACEMENT_DEFAULTS: PlacementConfig = {
  ...{ hidden: 128, steps: 1000, items: 128 },
  ...{ learningRate: 0.01, warmup: 50, weightDecay: 0.01 },
  ...{ seed: 1, reportEvery: 100 },
};

/** @throws UsageError, DomainError naming the first key that is out of range */
export function requirePlacementConfig(config: PlacementConfig): void {
  for (const key of ['hidden', 'steps', 'items', 'reportEvery'] as const)
    requireInteger(config[key], 1, `placement ${key}`);
  requirePositive(config.learningRate, 'placement learningRate');
  requireInteger(config.warmup, 0, 'placement warmup', config.steps);
  const { weightDecay } = config;
  if (weightDecay >= 0 && weightDecay < Number.POSITIVE_INFINITY) return;
  throw new DomainError(
    expectation('placement weightDecay', 'a finite number >= 0', weightDecay, 'check this argument'),
  );
}
