import { describe, expect, it } from 'vitest';
import { matrix } from '../../src/core/matrix.js';
import { Rng } from '../../src/core/rng.js';
import { distanceBounds } from '../../src/evaluation/distances/bounds.js';
import { distanceReport } from '../../src/evaluation/distances/distanceReport.js';
import { spaceDistances } from '../../src/evaluation/distances/distanceSource.js';
import { smacof } from '../../src/reduction/smacof.js';
import { renderDistancePage } from '../../src/report/distances/distancePage.js';
import { neighborRecallFigure, shepardPairsFigure } from '../../src/report/distances/figures.js';
import { distanceVerdict } from '../../src/report/distances/verdict.js';

const N = 60;
const plane = { kind: 'euclidean', dim: 2 } as const;
const space = { kind: 'euclidean', dim: 5 } as const;
const rng = new Rng(1);
const inputs = matrix(
  Float64Array.from({ length: 5 * N }, () => rng.normal()),
  N,
  5,
);
const codes = matrix(
  Float64Array.from({ length: 2 * N }, (_, i) => inputs.data[Math.floor(i / 2) * 5 + (i % 2)]),
  N,
  2,
);
const [a, b] = [spaceDistances(space, inputs), spaceDistances(plane, codes)];
const report = await distanceReport(a, b, { rng: new Rng(1) });
const bounds = await distanceBounds(a, b, {
  ...{ dim: 2, rng: new Rng(1), rows: 40, euclidean: true },
  arrange: (table, dim) => smacof(table, { dim }),
});
const page = () =>
  renderDistancePage({
    ...{ title: 'Distances of <b>', report, bounds, disk: false },
    plane: { coordinates: codes.data, explained: 1 },
    origin: [['Inputs', 'a & b']],
  });

describe('the report of distances', () => {
  it('is one page without scripts, the same for the same input, with a dot a point', () => {
    const html = page();
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|NaN/);
    expect(html).toContain('Distances of &lt;b&gt;');
    expect(html).toContain('a &amp; b');
    expect(html.match(/<path class="k\d+" d="M[^"]*h0">/g)).toHaveLength(N);
    expect(page()).toBe(html);
  });

  it('says in words what was kept, what is worst and what is possible', () => {
    const words = distanceVerdict(report, bounds);
    expect(words[0]).toMatch(/^\d+\.\d% of the 10 nearest inputs .*\(16\.9% would be by chance\)/);
    expect(words.join(' ')).toMatch(/near pairs are shrunk by \d+% and far pairs (stretched|shrunk) by \d+%/);
    expect(words.join(' ')).toMatch(/On 40 rows scaling \(MDS\) reaches a stress of .* in 2 dimensions/);
    expect(words.at(-1)).toMatch(/No map into 2 dimensions|Counting points gives no bound/);
  });

  it('reaches by scaling what the codes do not', () => {
    expect(bounds.reachableStress1).toBeLessThan(bounds.scaledStress1);
    expect(bounds.packing!.distortion).toBeLessThanOrEqual(report.worstCaseDistortion);
  });

  it('draws the diagram of pairs, and "no data" without any', () => {
    expect(shepardPairsFigure(report.pairs, report.scale)).toContain('class="cells euclidean"');
    const none = { input: new Float64Array(0), code: new Float64Array(0) };
    expect(shepardPairsFigure(none, 1)).toContain('no data');
    const one = { input: Float64Array.of(1, 1), code: Float64Array.of(0, 0) };
    expect(shepardPairsFigure(one, 0)).not.toContain('NaN');
  });

  it('draws neighbour recall over the training, a curve for each set', () => {
    const figure = neighborRecallFigure([
      { step: 0, recall: { train: 0.1, test: 0.1 } },
      { step: 500, recall: { train: 0.7, test: 0.5 } },
    ]);
    expect(figure).toContain('Over steps: train from 0.1 to 0.7; test from 0.1 to 0.5.');
    expect(neighborRecallFigure([])).toContain('no data');
  });
});
