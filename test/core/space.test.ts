import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/core/errors.js';
import { columnsOf, parseSpace } from '../../src/core/space.js';

const euclidean = { kind: 'euclidean', dim: 3 };
const product = { kind: 'product', combine: 'sum', factors: [{ space: euclidean, weight: 2 }] };

describe('parseSpace', () => {
  it.each([
    euclidean,
    { kind: 'cosine', dim: 1 },
    { kind: 'innerProduct', dim: 1000000 },
    { kind: 'sphere', dim: 2, curvature: 4 },
    { kind: 'poincare', dim: 2, curvature: -0.1 },
    { kind: 'lorentz', dim: 2, curvature: -2 },
    { kind: 'stereographic', dim: 2, curvature: 0 },
    { kind: 'star', dim: 1 },
    product,
    {
      kind: 'product',
      combine: 'l2',
      factors: [
        { space: product, weight: 1e-9 },
        { space: { kind: 'star', dim: 1 }, weight: 1 },
      ],
    },
  ])('gives back $kind $combine as it was written', (space) => {
    expect(parseSpace(JSON.parse(JSON.stringify(space)))).toEqual(space);
  });

  it('fills in curvature -1, and +1 for a sphere', () => {
    const curvature = (kind: string) => parseSpace({ kind, dim: 2 });
    expect(curvature('sphere')).toEqual({ kind: 'sphere', dim: 2, curvature: 1 });
    for (const kind of ['poincare', 'lorentz', 'stereographic']) {
      expect(curvature(kind)).toEqual({ kind, dim: 2, curvature: -1 });
    }
  });

  const rejected: [string, unknown, RegExp][] = [
    ['null', null, /^space: expected an object, got null/],
    ['a list', [euclidean], /^space: expected an object/],
    ['a text', 'euclidean', /^space: expected an object, got "euclidean"/],
    ['no kind', { dim: 3 }, /^space\.kind: expected one of euclidean, .*, star, product, got undefined/],
    ['an unknown kind', { kind: 'torus', dim: 3 }, /^space\.kind: .* got "torus"/],
    ['a kind that every object has', { kind: 'constructor', dim: 3 }, /^space\.kind/],
    ['no dim', { kind: 'cosine' }, /^space\.dim: expected a whole number 1\.\.1000000, got undefined/],
    ['dim 0', { kind: 'cosine', dim: 0 }, /^space\.dim/],
    ['half a dim', { kind: 'cosine', dim: 1.5 }, /^space\.dim/],
    ['dim as text', { kind: 'cosine', dim: '3' }, /^space\.dim: .* got "3"/],
    ['a huge dim', { kind: 'cosine', dim: 1000001 }, /^space\.dim/],
    ['NaN as dim', { kind: 'poincare', dim: Number.NaN }, /^space\.dim/],
    ['an unknown key', { ...euclidean, dims: 3 }, /^space: expected no keys but kind, dim, got "dims"/],
    ['curvature of a flat space', { ...euclidean, curvature: -1 }, /got "curvature"/],
    ['an unknown key of a curved space', { kind: 'poincare', dim: 2, c: 1 }, /got "c"/],
    ['an inherited key', JSON.parse('{"kind":"cosine","dim":2,"__proto__":1}'), /got "__proto__"/],
    [
      'a sphere of K < 0',
      { kind: 'sphere', dim: 2, curvature: -1 },
      /^space\.curvature: expected a number > 0/,
    ],
    ['a sphere of K = 0', { kind: 'sphere', dim: 2, curvature: 0 }, /^space\.curvature/],
    ['a ball of K > 0', { kind: 'poincare', dim: 2, curvature: 1 }, /a number < 0 for poincare, got 1/],
    ['a ball of K = 0', { kind: 'poincare', dim: 2, curvature: 0 }, /a number < 0 for poincare/],
    ['a hyperboloid of K = 0', { kind: 'lorentz', dim: 2, curvature: 0 }, /a number < 0 for lorentz/],
    ['curvature NaN', { kind: 'stereographic', dim: 2, curvature: Number.NaN }, /a finite number, got NaN/],
    ['curvature null, which NaN becomes in JSON', { kind: 'poincare', dim: 2, curvature: null }, /got null/],
    ['infinite curvature', { kind: 'lorentz', dim: 2, curvature: -Infinity }, /a finite number/],
    ['curvature as text', { kind: 'lorentz', dim: 2, curvature: '-1' }, /a finite number, got "-1"/],
    ['a star of two columns', { kind: 'star', dim: 2 }, /^space\.dim: expected 1, got 2/],
    ['a star without dim', { kind: 'star' }, /^space\.dim/],
    ['a star with curvature', { kind: 'star', dim: 1, curvature: -1 }, /got "curvature"/],
    ['no combine', { ...product, combine: undefined }, /^space\.combine: expected "sum" or "l2"/],
    ['an unknown combine', { ...product, combine: 'max' }, /^space\.combine: .* got "max"/],
    ['dim of a product', { ...product, dim: 3 }, /got "dim"/],
    ['no factors', { ...product, factors: [] }, /^space\.factors: expected a list of at least one factor/],
    ['factors that are no list', { ...product, factors: {} }, /^space\.factors/],
    ['a factor that is no object', { ...product, factors: [1] }, /^space\.factors\[0\]: expected an object/],
    [
      'an unknown key of a factor',
      { ...product, factors: [{ space: euclidean, weight: 1, w: 1 }] },
      /got "w"/,
    ],
    ['no weight', { ...product, factors: [{ space: euclidean }] }, /^space\.factors\[0\]\.weight/],
    ['weight 0', { ...product, factors: [{ space: euclidean, weight: 0 }] }, /a finite number > 0, got 0/],
    ['weight as text', { ...product, factors: [{ space: euclidean, weight: '1' }] }, /weight/],
    ['infinite weight', { ...product, factors: [{ space: euclidean, weight: Infinity }] }, /weight/],
    [
      'a bad space inside a product, by its full path',
      {
        ...product,
        factors: [
          ...product.factors,
          { space: { ...product, factors: [{ space: { kind: 'cosine', dim: 0 }, weight: 1 }] }, weight: 1 },
        ],
      },
      /^space\.factors\[1\]\.space\.factors\[0\]\.space\.dim/,
    ],
  ];
  it.each(rejected)('refuses %s', (_, json, message) => {
    expect(() => parseSpace(json)).toThrow(UsageError);
    expect(() => parseSpace(json)).toThrow(message);
  });

  it('begins its messages with the place that the caller names', () => {
    expect(() => parseSpace({}, 'model/space.json')).toThrow(/^model\/space\.json\.kind/);
  });
});

describe('columnsOf', () => {
  it('is dim, one more for lorentz, and the sum for a product', () => {
    const lorentz = parseSpace({ kind: 'lorentz', dim: 4 });
    const inner = parseSpace({ kind: 'product', combine: 'l2', factors: [{ space: lorentz, weight: 1 }] });
    expect(columnsOf(parseSpace(euclidean))).toBe(3);
    expect(columnsOf(lorentz)).toBe(5);
    expect(
      columnsOf({
        kind: 'product',
        combine: 'sum',
        factors: [lorentz, inner, parseSpace(euclidean)].map((space) => ({ space, weight: 1 })),
      }),
    ).toBe(13);
  });
});
