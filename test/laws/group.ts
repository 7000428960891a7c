import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Matrix64 } from '../../src/core/matrix.js';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import type { Group } from '../../src/symmetry/group.js';
import { groupLawErrors } from '../../src/symmetry/laws.js';

export interface GroupCase<G, X, F> {
  readonly group: Group<G, X, F>;
  readonly item: (rng: Rng) => X;
  /** With a trivial stabiliser. */
  readonly feature: (rng: Rng) => F;
  readonly actOnFeatures: (g: G, features: F) => F;
}

/** Coordinates are a few units, and a law takes a dozen roundings; ψ divides by lengths that are not small. */
export const GROUP_ROUNDING = 1e-10;

/** Every law of groups, actions, distances and ψ, on items, features and elements of 200 seeds. */
export function itObeysTheLaws<G, X, F>({ group, item, feature, actOnFeatures }: GroupCase<G, X, F>): void {
  it('is a group that acts, with a left-invariant distance and an equivariant ψ', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const rng = new Rng(seed);
        const errors = groupLawErrors(group, {
          ...{ rng, draws: 2, items: [item(rng)], features: [feature(rng)], actOnFeatures },
        });
        for (const [law, error] of Object.entries(errors))
          expect(error, law).toBeLessThanOrEqual(GROUP_ROUNDING);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('keeps different elements apart, and tells the triangle', () => {
    const rng = new Rng(5);
    for (let draw = 0; draw < 50; draw++) {
      const [f, g, h] = [group.random(rng), group.random(rng), group.random(rng)];
      const [fg, gh, fh] = [group.distance(f, g), group.distance(g, h), group.distance(f, h)];
      expect(fh).toBeLessThanOrEqual(fg + gh + GROUP_ROUNDING);
      const x = item(rng);
      if (fg > GROUP_ROUNDING) expect(group.act(f, x)).not.toEqual(group.act(g, x));
    }
  });
}

/** count standard normal points of R^dim. */
export function cloudOf(rng: Rng, count: number, dim: number): Matrix64 {
  return matrix(
    Float64Array.from({ length: count * dim }, () => rng.normal()),
    count,
    dim,
  );
}
