import { expectation, UsageError } from './errors.js';

/** How distances are measured; the JSON form is the same in configs, checkpoints, index headers. K is `curvature`, 1/u^2. */
export type Space =
  | { readonly kind: 'euclidean' | 'cosine' | 'innerProduct'; readonly dim: number }
  | {
      readonly kind: 'sphere' | 'poincare' | 'lorentz' | 'stereographic';
      readonly dim: number;
      readonly curvature: number;
    }
  | { readonly kind: 'star'; readonly dim: 1 }
  | ProductSpace;

export interface ProductSpace {
  readonly kind: 'product';
  /** sum: Σ w d; l2: sqrt(Σ w d²). */
  readonly combine: 'sum' | 'l2';
  readonly factors: readonly { readonly space: Space; readonly weight: number }[];
}

export type SpaceKind = Space['kind'];

const FLAT = ['euclidean', 'cosine', 'innerProduct'] as const;
const CURVED = ['sphere', 'poincare', 'lorentz', 'stereographic'] as const;

/** Number of columns a vector of this space has: `dim`, one more for lorentz (time first), the sum for a product. */
export function columnsOf(space: Space): number {
  if (space.kind === 'product') return space.factors.reduce((sum, f) => sum + columnsOf(f.space), 0);
  return space.kind === 'lorentz' ? space.dim + 1 : space.dim;
}

/**
 * Reads a Space from parsed JSON and fills in the default curvature (-1; sphere +1).
 * @throws UsageError naming the key, for an unknown kind or key, a wrong type, a curvature of the wrong sign
 */
export function parseSpace(json: unknown, at = 'space'): Space {
  const fields = record(json, at);
  const kind = fields['kind'];
  if (includes(FLAT, kind)) {
    allowKeys(fields, ['kind', 'dim'], at);
    return { kind, dim: dimension(fields['dim'], `${at}.dim`) };
  }
  if (includes(CURVED, kind)) {
    allowKeys(fields, ['kind', 'dim', 'curvature'], at);
    const curvature = curvatureOf(kind, fields['curvature'], `${at}.curvature`);
    return { kind, dim: dimension(fields['dim'], `${at}.dim`), curvature };
  }
  if (kind === 'star') {
    allowKeys(fields, ['kind', 'dim'], at);
    if (fields['dim'] !== 1) fail(`${at}.dim`, '1', fields['dim']);
    return { kind, dim: 1 };
  }
  if (kind === 'product') return parseProduct(fields, at);
  return fail(`${at}.kind`, `one of ${[...FLAT, ...CURVED, 'star', 'product'].join(', ')}`, kind);
}

function parseProduct(fields: Record<string, unknown>, at: string): ProductSpace {
  allowKeys(fields, ['kind', 'combine', 'factors'], at);
  const combine = fields['combine'];
  if (combine !== 'sum' && combine !== 'l2') return fail(`${at}.combine`, '"sum" or "l2"', combine);
  const list = fields['factors'];
  if (!Array.isArray(list) || list.length === 0)
    return fail(`${at}.factors`, 'a list of at least one factor', list);
  const factors = list.map((item, i) => {
    const factor = record(item, `${at}.factors[${i}]`);
    allowKeys(factor, ['space', 'weight'], `${at}.factors[${i}]`);
    const weight = factor['weight'];
    if (!(typeof weight === 'number' && weight > 0 && weight < Number.POSITIVE_INFINITY)) {
      return fail(`${at}.factors[${i}].weight`, 'a finite number > 0', weight);
    }
    return { space: parseSpace(factor['space'], `${at}.factors[${i}].space`), weight };
  });
  return { kind: 'product', combine, factors };
}

function curvatureOf(kind: (typeof CURVED)[number], value: unknown, at: string): number {
  // null is not "absent": it is what JSON makes of NaN.
  const curvature = value === undefined ? (kind === 'sphere' ? 1 : -1) : value;
  if (typeof curvature !== 'number' || !Number.isFinite(curvature))
    return fail(at, 'a finite number', curvature);
  if (kind === 'sphere' && !(curvature > 0)) return fail(at, 'a number > 0 for a sphere', curvature);
  if ((kind === 'poincare' || kind === 'lorentz') && !(curvature < 0)) {
    return fail(at, `a number < 0 for ${kind}`, curvature);
  }
  return curvature;
}

function dimension(value: unknown, at: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1e6) return value;
  return fail(at, 'a whole number 1..1000000', value);
}

function record(value: unknown, at: string): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, unknown>;
  return fail(at, 'an object', value);
}

function allowKeys(fields: Record<string, unknown>, allowed: readonly string[], at: string): void {
  const unknown = Object.keys(fields).find((key) => !allowed.includes(key));
  if (unknown !== undefined) fail(at, `no keys but ${allowed.join(', ')}`, unknown);
}

function includes<T extends string>(list: readonly T[], value: unknown): value is T {
  return (list as readonly unknown[]).includes(value);
}

function fail(at: string, expected: string, got: unknown): never {
  throw new UsageError(expectation(at, expected, got, 'correct the space description'));
}
