import { requireFinite, requireInteger, requireLength } from '../core/checks.js';
import { DomainError, expectation } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import { apart, lengthOf, valuesOf } from '../core/values.js';
import type { Group } from '../symmetry/group.js';

export interface EquivarianceOptions<G, X, Y> {
  /** One or more. */
  readonly items: readonly X[];
  /** Of the elements. */
  readonly rng: Rng;
  /** Elements drawn for each item; 4 by default. */
  readonly draws?: number;
  /** How the group acts on outputs; by default it leaves them: invariance is measured. */
  readonly actOnOutput?: (g: G, output: Y) => Y;
  /** The numbers of an output; not needed for numbers, arrays and matrices. */
  readonly valuesOf?: (output: Y) => ArrayLike<number>;
}

export interface EquivarianceError {
  /** Over items and elements, of |f(g x) - g f(x)| / scale; 0 is equivariance. */
  readonly mean: number;
  readonly max: number;
  /** Root mean square length of f(x) over the items, in the unit of the outputs. */
  readonly scale: number;
}

/**
 * How far any function is from f(g x) = g f(x), over random elements g of any group. Errors are relative to the length of
 * outputs, not to how they differ: a code that is mostly one constant looks invariant here whatever it does;
 * codeRelativeChange holds it against the distances between items.
 * @param module f, of one item; may be async
 * @param group how elements are drawn and how they act on items
 * @throws UsageError without items or where outputs cannot be compared; ShapeError where outputs differ in length;
 * DomainError for an output that is not finite, naming its item, or if all outputs are zero
 */
export async function equivarianceError<G, X, Y>(
  module: (item: X) => Y | Promise<Y>,
  group: Pick<Group<G, X>, 'act' | 'random'>,
  options: EquivarianceOptions<G, X, Y>,
): Promise<EquivarianceError> {
  const { items, rng, draws = 4, actOnOutput = (_, output) => output } = options;
  requireInteger(items.length, 1, 'equivarianceError items');
  requireInteger(draws, 1, 'equivarianceError draws');
  const numbers = (output: Y, who: string): ArrayLike<number> => {
    const values = options.valuesOf ? options.valuesOf(output) : valuesOf(output, who);
    requireFinite(values, Math.max(1, values.length), who);
    return values;
  };
  let squares = 0;
  let sum = 0;
  let largest = 0;
  for (const [i, item] of items.entries()) {
    const own = await module(item);
    squares += lengthOf(numbers(own, `equivarianceError output of item ${i}`)) ** 2;
    for (let draw = 0; draw < draws; draw++) {
      const g = group.random(rng);
      const after = numbers(await module(group.act(g, item)), `equivarianceError output of g item ${i}`);
      const expected = numbers(actOnOutput(g, own), `equivarianceError g output of item ${i}`);
      requireLength(after.length, expected.length, `equivarianceError output of g item ${i}`);
      const error = apart(after, expected);
      sum += error;
      largest = Math.max(largest, error);
    }
  }
  const scale = Math.sqrt(squares / items.length);
  if (!(scale > 0)) {
    const remedy = 'pass items to which the module answers';
    throw new DomainError(expectation('equivarianceError', 'an output other than zero', 'none', remedy));
  }
  return { mean: sum / (items.length * draws) / scale, max: largest / scale, scale };
}
