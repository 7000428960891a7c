import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HardnessStatistics } from '../../src/core/records.js';
import type { ReportInput } from '../../src/report/input.js';
import { renderReport } from '../../src/report/report.js';
import { exampleInput, METRICS } from './example.js';

const BROKEN = /NaN|undefined|Infinity|null(?! result)/;

describe('renderReport', () => {
  const html = renderReport(exampleInput(2000, 12));

  it('stays below 1.5 MB for 2,000 points and 12 strips', () => {
    expect(html.length).toBeLessThan(1.5e6);
  });

  it('gives the same bytes for the same input', () => {
    expect(renderReport(exampleInput(2000, 12))).toBe(html);
  });

  it('refers to nothing outside of itself and runs no script', () => {
    expect(html).not.toMatch(/<script|<iframe|@import|url\(|\son\w+=/i);
    const sources = [...html.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((m) => m[1]);
    expect(sources.length).toBeGreaterThan(400);
    expect(sources.filter((s) => !s.startsWith('data:'))).toEqual([]);
  });

  it('uses no id twice', () => {
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((m) => m[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('closes every element that it opens', () => {
    const open: string[] = [];
    for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/gi)) {
      if (['meta', 'link', 'img', 'input'].includes(name)) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  it('escapes text of foreign origin wherever it stands', () => {
    const hostile = `</title><script>alert("x")</script>&'`;
    const input = exampleInput(20, 2);
    const markup = renderReport({
      ...input,
      title: hostile,
      machine: hostile,
      engine: hostile,
      version: hostile,
      createdAt: hostile,
      classNames: Array.from({ length: 10 }, () => hostile),
      history: [{ ...input.history[0], parts: { [hostile]: 1, b: 2 } }],
      metrics: { ...METRICS, index: { ...METRICS.index, engine: hostile } },
    });
    expect(markup).not.toMatch(/<script|alert\("/);
    expect(markup.match(/<\/title>/g)).toHaveLength((markup.match(/<title/g) ?? []).length);
  });

  it('states a null result where both spaces name the same hardest negative', () => {
    const input = exampleInput(20, 1);
    const negatives = { ...input.negatives, hardestDiffer: 0 };
    expect(renderReport({ ...input, negatives, feeding: 'unit' })).toMatch(
      /for every anchor: a null result\. With unit-norm/,
    );
  });
});

const real = fc.oneof(
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.double(),
  fc.constantFrom(Number.NaN, 0, 1, Number.POSITIVE_INFINITY, 5e-324, 1.7e308),
);
const doubles = fc.array(real, { maxLength: 30 }).map((v) => Float64Array.from(v));
const floats = fc.array(real, { maxLength: 30 }).map((v) => Float32Array.from(v));
const ints = fc.array(fc.integer({ min: -3, max: 40 }), { maxLength: 30 }).map((v) => Int32Array.from(v));
const score = fc.record({ recallAt1: real, recallAt10: real, mapAtR: real });
const statistics: fc.Arbitrary<HardnessStatistics> = fc.record({
  meanP: real,
  p: floats,
  hardestP: floats,
  effective: floats,
  hardest: ints,
});
const tile = fc.record({
  pixels: fc.uint8Array({ maxLength: 8 }),
  height: fc.constantFrom(0, 1, 2, Number.NaN),
  width: fc.constantFrom(1, 2, 3, -1),
  label: fc.integer({ min: -2, max: 12 }),
  distance: real,
});
const strip = fc.record({
  query: tile,
  upright: tile,
  rows: fc.array(
    fc.record({
      head: fc.constantFrom(
        'euclidean' as const,
        'hyperbolic' as const,
        'ensemble' as const,
        'pixels' as const,
      ),
      tiles: fc.array(tile, { maxLength: 4 }),
    }),
    { maxLength: 3 },
  ),
});
const step = fc.record({
  step: fc.integer(),
  steps: fc.integer(),
  seconds: real,
  images: real,
  learningRate: real,
  loss: real,
  parts: fc.dictionary(
    fc.constantFrom('mixed', 'pEuclidean', 'hardestDiffer', 'toString', 'a'.repeat(60)),
    real,
  ),
});
const plane = fc.record({ coordinates: doubles, explained: real });
const pair = fc.record({ model: real, baseline: real });

const anyInput: fc.Arbitrary<ReportInput> = fc
  .record({
    retrieval: fc.record({
      euclidean: score,
      hyperbolic: score,
      ensemble: score,
      rawPixels: score,
      noInvariance: score,
    }),
    numbers: fc.record({ parameters: pair, trainSeconds: pair, queries: real }),
    history: fc.array(step, { maxLength: 30 }),
    labels: ints,
    feeding: fc.constantFrom('unit' as const, 'free' as const),
    temperatures: fc.record({ euclidean: real, hyperbolic: real }),
    plane: fc.record({ euclidean: plane, hyperbolic: plane }),
    negatives: fc.record({
      euclidean: statistics,
      hyperbolic: statistics,
      hardestDiffer: real,
      spearman: real,
      overlap: floats,
    }),
    shepard: fc.record({
      input: doubles,
      euclidean: doubles,
      hyperbolic: doubles,
      sameClass: fc.uint8Array({ max: 1, maxLength: 30 }),
    }),
    strips: fc.array(strip, { maxLength: 6 }),
    codes: fc.array(real, { minLength: 8, maxLength: 8 }),
    other: fc.tuple(real, real, real, real, real, real, real, real),
  })
  .map(({ retrieval, codes, other: [a, b, c, d, e, f, g, h], ...rest }): ReportInput => {
    const matrix = { rows: 4, columns: 2, data: Float32Array.from(codes) };
    return {
      ...exampleInput(0, 0),
      ...rest,
      heads: {
        euclidean: { name: 'euclidean', space: { kind: 'euclidean', dim: 2 }, matrix },
        hyperbolic: { name: 'poincare', space: { kind: 'poincare', dim: 2, curvature: -1 }, matrix },
      },
      metrics: {
        ...METRICS,
        retrieval,
        seconds: { total: a, train: b, index: c, query: d },
        data: { train: e, test: f },
        equivariance: { codeRelativeChange: g, orientationErrorDegrees: h },
        index: { engine: 'exact', recallAt10: a, unreachable: b },
        distances: { shepardSpearman: c, scaledStress1: d, weight: e },
      },
    };
  });

describe('a report of missing and extreme numbers', () => {
  it('has no data in every figure of an empty run', () => {
    const statistics = {
      meanP: Number.NaN,
      p: new Float32Array(0),
      hardestP: new Float32Array(0),
      effective: new Float32Array(0),
      hardest: new Int32Array(0),
    };
    const empty = new Float64Array(0);
    const html = renderReport({
      ...exampleInput(0, 0),
      history: [],
      negatives: {
        euclidean: statistics,
        hyperbolic: statistics,
        hardestDiffer: Number.NaN,
        spearman: Number.NaN,
        overlap: new Float32Array(0),
      },
      shepard: { input: empty, euclidean: empty, hyperbolic: empty, sameClass: new Uint8Array(0) },
    });
    expect(BROKEN.exec(html)?.[0]).toBeUndefined();
    // Two planes, one histogram, two hardness figures, two Shepard diagrams, two histories.
    expect(html.match(/>no data<\/text>/g)).toHaveLength(9);
  });

  it('never shows NaN, undefined or Infinity', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        expect(BROKEN.exec(renderReport(input))?.[0]).toBeUndefined();
      }),
      { seed: 11, numRuns: 400 },
    );
  });
});
