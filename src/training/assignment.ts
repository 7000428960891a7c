import { expectation, ShapeError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { columnsOf, type Space } from '../core/space.js';
import type { ParameterSpec } from '../engine/parameters.js';

/** Which geometry an optimiser moves an array in. */
export interface AssignedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of its rows; euclidean where the array named none. */
  readonly space: Space;
}
export type Assignment = readonly AssignedParameter[];

/** @throws ShapeError for an array whose last axis is not the number of columns of its space */
export function assignmentOf(specs: readonly ParameterSpec[]): Assignment {
  return specs.map(({ name, shape, space }) => {
    const columns = shape.at(-1) ?? 1;
    if (!space) return { name, shape, space: { kind: 'euclidean', dim: columns } };
    if (columns === columnsOf(space)) return { name, shape, space };
    const expected = `a last axis of ${columnsOf(space)}, the columns of ${describeSpace(space)}`;
    throw new ShapeError(
      expectation(`parameter ${name}`, expected, shape.join('x'), 'change shape or space'),
    );
  });
}

/** Whether rows of the space must be moved along geodesics: in a flat one they are added to. */
export function isCurved(space: Space): boolean {
  return space.kind !== 'euclidean';
}

/** For each value, the share of it that a learning rate of 1 takes away. */
export function decayOfEach(assignment: Assignment, weightDecay: number): Float32Array {
  const sizes = assignment.map(({ shape }) => sizeOf(shape));
  const decays = new Float32Array(sizes.reduce((a, b) => a + b, 0));
  let from = 0;
  for (const [i, { shape, space }] of assignment.entries()) {
    if (shape.length > 1 && !isCurved(space)) decays.fill(weightDecay, from, from + sizes[i]);
    from += sizes[i];
  }
  return decays;
}

/** One line an array, as `codes 1182x5 poincare K=-1`. */
export function formatAssignment(assignment: Assignment): string {
  return assignment
    .map(({ name, shape, space }) => `${name} ${shape.join('x')} ${describeSpace(space)}`)
    .join('\n');
}

/** A sentence when a Riemannian optimiser has nothing to do that AdamW or SGD would not, else undefined. */
export function flatWarning(optimizer: string, assignment: Assignment): string | undefined {
  if (assignment.some(({ space }) => isCurved(space))) return undefined;
  return (
    `${optimizer} was given no parameter on a manifold: all ${assignment.length} arrays are euclidean; ` +
    'name the space of those whose rows are points, or take the Euclidean optimiser'
  );
}

/** What a Riemannian optimiser prints when it is made: its arrays on manifolds, and how many are none; or the warning. */
export function noticeOf(optimizer: string, assignment: Assignment): string {
  const curved = assignment.filter(({ space }) => isCurved(space));
  const flat = assignment.length - curved.length;
  const rest = flat > 0 ? `; ${flat} euclidean` : '';
  return (
    flatWarning(optimizer, assignment) ??
    `${optimizer} moves ${formatAssignment(curved).replaceAll('\n', ', ')}${rest}`
  );
}

/** As `poincare K=-1`; of a product, `l2(poincare K=-1 dim 3, 0.5 euclidean dim 2)`. */
export function describeSpace(space: Space): string {
  if (space.kind === 'product') {
    const factors = space.factors.map(({ space: factor, weight }) => {
      const name = `${describeSpace(factor)}${'dim' in factor ? ` dim ${factor.dim}` : ''}`;
      return weight === 1 ? name : `${weight} ${name}`;
    });
    return `${space.combine}(${factors.join(', ')})`;
  }
  return 'curvature' in space ? `${space.kind} K=${space.curvature}` : space.kind;
}
