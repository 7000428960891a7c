import { requireInteger, requirePositive } from '../../core/checks.js';
import { expectation, UsageError } from '../../core/errors.js';

export interface ClosureConfig {
  readonly geometry: 'euclidean' | 'poincare' | 'lorentz';
  /**
   * What is trained. tangent: free vectors at the origin, by Adam; in hyperbolic space the embedding is their
   * exponential map. points: points themselves, by Riemannian Adam. They are one in Euclidean space.
   */
  readonly parameters: 'tangent' | 'points';
  /** Adds an offset an item to the distance, of one of its numbers; with tangent parameters. */
  readonly star: boolean;
  /** Numbers an item, the offset among them: >= 1, with a star >= 2. */
  readonly numbers: number;
  readonly epochs: number;
  /** Items whose pairs make a batch; an epoch goes once through all that have one. */
  readonly anchors: number;
  /** Items drawn for a batch as negatives of all its anchors. */
  readonly negatives: number;
  /** In the unit of the distances. */
  readonly temperature: number;
  /** The largest; it falls along half a cosine. */
  readonly learningRate: number;
  /** Epochs at the start at a tenth of the learning rate. */
  readonly burnIn: number;
  /** Typical distance of an item from the origin at the start. */
  readonly startNorm: number;
  /** 0..2^32-1 */
  readonly seed: number;
}

/** @throws UsageError, DomainError naming the first key that is out of range */
export function requireClosureConfig(config: ClosureConfig): void {
  const { geometry, parameters, star } = config;
  requireOneOf(geometry, ['euclidean', 'poincare', 'lorentz'], 'closure geometry');
  requireOneOf(parameters, ['tangent', 'points'], 'closure parameters');
  for (const key of ['epochs', 'anchors', 'negatives'] as const)
    requireInteger(config[key], 1, `closure ${key}`);
  for (const key of ['temperature', 'learningRate', 'startNorm'] as const) {
    requirePositive(config[key], `closure ${key}`);
  }
  requireInteger(config.numbers, star ? 2 : 1, 'closure numbers');
  requireInteger(config.burnIn, 0, 'closure burnIn', config.epochs);
  if (star && parameters === 'points' && geometry !== 'euclidean') {
    const remedy = 'points with an offset make no Riemannian manifold';
    throw new UsageError(expectation('closure parameters', '"tangent" with a star', parameters, remedy));
  }
}

function requireOneOf(value: string, allowed: readonly string[], who: string): void {
  if (allowed.includes(value)) return;
  throw new UsageError(expectation(who, `one of ${allowed.join(', ')}`, value, 'correct the config'));
}
