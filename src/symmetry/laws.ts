import { requireInteger } from '../core/checks.js';
import { expectation, UsageError } from '../core/errors.js';
import type { Rng } from '../core/rng.js';
import { apart, lengthOf, valuesOf } from '../core/values.js';
import type { Group } from './group.js';

export interface GroupLawOptions<G, X, F> {
  /** What the group acts on; one or more. */
  readonly items: readonly X[];
  readonly rng: Rng;
  /** Triples of elements that are drawn; 20 by default. */
  readonly draws?: number;
  /** The numbers of an item; not needed for numbers, arrays and matrices. */
  readonly valuesOf?: (item: X) => ArrayLike<number>;
  /** For the law of ψ: features whose stabiliser is trivial, and how the group acts on features. */
  readonly features?: readonly F[];
  readonly actOnFeatures?: (g: G, features: F) => F;
}

/** The largest error of each law; 0 up to rounding for a group. In the unit of the group's `distance` but for `action`. */
export interface GroupLawErrors {
  /** e g = g = g e */
  readonly identity: number;
  /** g⁻¹ g = e = g g⁻¹ */
  readonly inverse: number;
  /** (f g) h = f (g h) */
  readonly associativity: number;
  /** e x = x, (g h) x = g (h x), g⁻¹ (g x) = x: relative to the length of x, or to 1 where that is less */
  readonly action: number;
  /** d(g, g) = 0, d(g, h) = d(h, g), d(f g, f h) = d(g, h) */
  readonly distance: number;
  /** ψ(g f) = g ψ(f); 0 without features */
  readonly equivariance: number;
}

/**
 * How far a group is from the laws of groups, actions and ψ, over random elements: for the tests of a group of one's own.
 * A NaN anywhere is a NaN here.
 * @throws UsageError without items, with features but not the action on them, or where values cannot be compared
 */
export function groupLawErrors<G, X, F>(
  group: Group<G, X, F>,
  options: GroupLawOptions<G, X, F>,
): GroupLawErrors {
  const { items, rng, draws = 20, features = [], actOnFeatures } = options;
  requireInteger(items.length, 1, 'groupLawErrors items');
  requireInteger(draws, 1, 'groupLawErrors draws');
  if (features.length > 0 && !actOnFeatures) {
    const remedy = 'say how the group acts on features';
    throw new UsageError(expectation('groupLawErrors actOnFeatures', 'a function', 'none', remedy));
  }
  const { compose, inverse, act, identity: e } = group;
  const numbers = options.valuesOf ?? ((item: X) => valuesOf(item, 'groupLawErrors items'));
  const d = (g: G, h: G): number => group.distance(g, h);
  const worst = { identity: 0, inverse: 0, associativity: 0, action: 0, distance: 0, equivariance: 0 };
  const see = (law: keyof GroupLawErrors, ...errors: number[]) => {
    worst[law] = Math.max(worst[law], ...errors);
  };
  const differ = (x: X, y: X, scale: number) => apart(numbers(x), numbers(y)) / scale;
  for (let draw = 0; draw < draws; draw++) {
    const [f, g, h] = [group.random(rng), group.random(rng), group.random(rng)];
    see('identity', d(compose(e, g), g), d(compose(g, e), g));
    see('inverse', d(compose(inverse(g), g), e), d(compose(g, inverse(g)), e));
    see('associativity', d(compose(compose(f, g), h), compose(f, compose(g, h))));
    see('distance', d(g, g), Math.abs(d(g, h) - d(h, g)));
    see('distance', Math.abs(d(compose(f, g), compose(f, h)) - d(g, h)));
    const x = items[draw % items.length];
    const scale = Math.max(1, lengthOf(numbers(x)));
    see('action', differ(act(e, x), x, scale), differ(act(inverse(g), act(g, x)), x, scale));
    see('action', differ(act(compose(g, h), x), act(g, act(h, x)), scale));
    if (features.length === 0 || !actOnFeatures) continue;
    const feature = features[draw % features.length];
    const after = group.fromFeatures(actOnFeatures(g, feature));
    see('equivariance', d(after, compose(g, group.fromFeatures(feature))));
  }
  return worst;
}
