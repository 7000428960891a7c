import type { Tried } from './coderArms.js';
import type { Result } from './work.js';

/**
 * The weight with the least scaled stress of validation digits among those whose validation error is above the plain
 * autoencoder's by at most `allowance` of it; if there is none, the weight with the least error.
 */
export function chosenOf(ways: readonly Tried[], plain: Result, allowance: number): Tried {
  const error = ({ result }: Tried) => result.validation?.mse ?? Number.POSITIVE_INFINITY;
  const stress = ({ result }: Tried) => result.validation?.scaledStress ?? Number.POSITIVE_INFINITY;
  const limit = (1 + allowance) * (plain.validation?.mse ?? 0);
  const near = ways.filter((way) => error(way) <= limit);
  const best = (of: readonly Tried[], value: (way: Tried) => number) =>
    of.reduce((a, b) => (value(b) < value(a) ? b : a));
  return near.length > 0 ? best(near, stress) : best(ways, error);
}
