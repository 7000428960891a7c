import { requireLength, requirePositive } from '../../core/checks.js';
import { DomainError, expectation, UsageError } from '../../core/errors.js';
import type { Matrix } from '../../core/matrix.js';
import type { Space } from '../../core/space.js';
import { requirePoints } from '../../geometry/points.js';

/** One way to compare the items: their points in a space, and the temperature of the softmax over distances. */
export interface NegativesArm {
  /** Shown in tables and figures; each once. */
  readonly name: string;
  readonly space: Space;
  /** [n, columnsOf(space)], row i of every arm the same item */
  readonly matrix: Matrix;
  /** τ > 0, unit of the space's distances: the logits are -d/τ. */
  readonly temperature: number;
}

/**
 * @throws UsageError for no arm or a name used twice; ShapeError for other lengths than there are labels and other
 *   columns than the space has; DomainError for τ <= 0 and for a row that is no point of its space, which it names
 */
export function requireArms(arms: readonly NegativesArm[], items: number, who: string): void {
  if (arms.length === 0) throw new UsageError(expectation(who, 'at least one arm', 'none', 'pass an arm'));
  const names = new Set<string>();
  for (const { name, space, matrix, temperature } of arms) {
    if (names.has(name)) {
      throw new UsageError(
        expectation(`${who} arms`, 'names that differ', name, 'give each arm its own name'),
      );
    }
    names.add(name);
    requireLength(matrix.rows, items, `${who} ${name}`);
    requirePositive(temperature, `${who} ${name} temperature`);
    requirePoints(space, matrix, `${who} ${name}`);
  }
}

/** Numbers 0.. for classes, by ascending label. @throws DomainError for fewer than two classes */
export function numberedClasses(labels: ArrayLike<number>, who: string): Int32Array {
  const known = new Map([...new Set(Array.from(labels))].sort((a, b) => a - b).map((label, c) => [label, c]));
  if (known.size >= 2) return Int32Array.from(labels, (label) => known.get(label)!);
  const remedy = 'items of another class are what negatives are';
  throw new DomainError(expectation(`${who} labels`, 'at least two classes', known.size, remedy));
}

/** @throws DomainError: there is none */
export function refuseNoAnchors(who: string): never {
  const remedy = 'pass at least two classes, one of them with two items, or larger blocks';
  throw new DomainError(expectation(who, 'an anchor with a positive and a negative', 'none', remedy));
}
