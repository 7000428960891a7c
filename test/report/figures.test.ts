import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis, powerOfTen, ticksOf } from '../../src/report/axes.js';
import { classLegend } from '../../src/report/classes.js';
import { hardestFigure, overlapFigure } from '../../src/report/hardness.js';
import { mirroredHistogram, probabilityAxis } from '../../src/report/histogram.js';
import { lossFigure, shareFigure } from '../../src/report/history.js';
import { euclideanFigure, poincareFigure } from '../../src/report/planes.js';
import { scoreRows, scoresFigure } from '../../src/report/scores.js';
import { shepardFigure } from '../../src/report/shepard.js';
import { isRight, stripsFigure } from '../../src/report/strips.js';
import { exampleInput, METRICS } from './example.js';

const input = exampleInput(100, 5);
const legend = classLegend(input.labels);
const count = (markup: string, pattern: RegExp) => (markup.match(pattern) ?? []).length;

describe('planes', () => {
  it('draw one dot an item and one name a class', () => {
    for (const figure of [
      poincareFigure(input.plane.hyperbolic, legend),
      euclideanFigure(input.plane.euclidean, legend),
    ]) {
      expect(count(figure, /h0"/g)).toBe(100);
      expect(count(figure, /<text class="k\d"/g)).toBe(10);
    }
  });

  it('leave out points that are missing or outside the disk', () => {
    const coordinates = Float64Array.of(0.5, 0, 1, 0, Number.NaN, 0, 3, 4);
    const figure = poincareFigure({ coordinates, explained: 1 }, classLegend(Int32Array.of(0, 1, 2, 3)));
    expect(count(figure, /h0"/g)).toBe(1);
    // Half way to the rim of a disk with centre 220 and radius 210.
    expect(figure).toContain('d="M325 220h0"');
  });

  it('draw the circle of hyperbolic radius 1 at tanh(1/2) of the disk', () => {
    const figure = poincareFigure(input.plane.hyperbolic, legend);
    expect(figure).toContain(`r="${Math.round(21000 * Math.tanh(0.5)) / 100}"`);
  });

  it('say so where no point is left', () => {
    const nothing = { coordinates: new Float64Array(0), explained: Number.NaN };
    expect(poincareFigure(nothing, legend)).toContain('no data');
    expect(euclideanFigure(nothing, legend)).toContain('no data');
  });
});

describe('probability axes', () => {
  it('are logarithmic where half of the values lie below 0.05', () => {
    expect(probabilityAxis([0.001, 0.002, 0.5])(0.1)).not.toBeCloseTo(0.1, 3);
    expect(probabilityAxis([0.2, 0.4, 0.5])(0.1)).toBeCloseTo(0.1, 12);
  });

  it('carry as many powers of ten as asked for, the largest among them', () => {
    const axis = probabilityAxis([1e-7, 1e-6, 1e-5]);
    expect(ticksOf(axis, 4).map((t) => t.label)).toEqual(['10⁻⁶', '10⁻⁴', '0.01', '1']);
    expect(powerOfTen(1000)).toBe('10³');
  });
});

describe('axes', () => {
  it('widen where the values agree, so that a mark has a place', () => {
    expect(linearAxis(3, 3).range([0, 100])(3)).toBeCloseTo(50, 9);
    expect(linearAxis(0, 5e-324).domain()).toEqual([-0.6, 0.6]);
  });

  it('span at most twelve decades, so that the smallest double does not make 324 ticks', () => {
    expect(ticksOf(logAxis(5e-324, 1), 100)).toHaveLength(13);
    expect(logAxis(5e-324, 1)(1e-200)).toBe(logAxis(5e-324, 1)(1e-12));
  });
});

describe('histogram of both spaces', () => {
  const frame = { id: 'h', title: 'H', quantity: 'p' };

  it('marks the mean of each', () => {
    const figure = mirroredHistogram({ euclidean: [0.2, 0.4], hyperbolic: [0.5, 0.7] }, frame);
    expect(figure).toContain('Euclidean, mean 0.3<');
    expect(figure).toContain('hyperbolic, mean 0.6<');
  });

  it('has no data where one side has none', () => {
    expect(mirroredHistogram({ euclidean: [0.2], hyperbolic: [] }, frame)).toContain('no data');
  });
});

describe('hardness figures', () => {
  it('write the shares at the first and last r', () => {
    const figure = overlapFigure({ ...input.negatives, overlap: Float32Array.of(0.25, 0.5, 0.75) });
    expect(figure).toContain('25% at r = 1, 75% at r = 3');
  });

  it('draw dots where the hardest negatives agree and crosses where they do not', () => {
    const side = { ...input.negatives.euclidean, hardestP: Float32Array.of(0.1, 0.2, 0.3) };
    const figure = hardestFigure({
      ...input.negatives,
      euclidean: { ...side, hardest: Int32Array.of(1, 2, 3) },
      hyperbolic: { ...side, hardest: Int32Array.of(1, 2, 4) },
    });
    expect(count(figure, /h0/g)).toBe(2);
    expect(count(figure, /m-2\.5 -2\.5/g)).toBe(1);
  });
});

describe('Shepard diagram', () => {
  it('draws one running median within and one between classes', () => {
    const figure = shepardFigure(input.shepard, 'hyperbolic');
    expect(figure).toContain('200 pairs, 40 of them of one class');
    expect(count(figure, /class="line"/g)).toBe(2);
  });

  it('keeps every cell inside the axes', () => {
    const figure = shepardFigure(input.shepard, 'euclidean');
    const corners = [...figure.matchAll(/M([\d.]+) ([\d.]+)h9\.1/g)].map((m) => [Number(m[1]), Number(m[2])]);
    expect(corners.length).toBeGreaterThan(20);
    for (const [x, y] of corners) {
      expect(x).toBeGreaterThanOrEqual(46);
      expect(x).toBeLessThan(428);
      expect(y).toBeGreaterThanOrEqual(40);
      expect(y).toBeLessThan(300);
    }
  });
});

describe('history', () => {
  it('draws the loss and its parts in one panel, shares of anchors and probabilities in the other', () => {
    const names = (figure: string) =>
      [...figure.matchAll(/<text x="[\d.]+" y="16">([^<]*)/g)].map((m) => m[1]);
    expect(names(lossFigure(input.history))).toEqual(['loss', 'both heads', 'orientation']);
    expect(names(shareFigure(input.history))).toEqual(['p(x⁻) Euclidean', 'p(x⁻) hyperbolic']);
    expect(shareFigure(input.history)).toContain('>hardest one differs</text>');
  });

  it('draws a loss of one part once', () => {
    const history = input.history.map((event) => ({ ...event, parts: { mixed: event.loss } }));
    expect(lossFigure(history)).not.toContain('both heads');
  });

  it('has no data before the first step', () => {
    expect(lossFigure([])).toContain('no data');
    expect(shareFigure([])).toContain('no data');
  });
});

describe('strips', () => {
  it('mark wrong neighbours with a frame and a sign', () => {
    const markup = stripsFigure(input.strips);
    // One wrong tile in each of 4 rows of 5 strips.
    expect(count(markup, /class="tile wrong"/g)).toBe(20);
    expect(count(markup, /✕/g)).toBe(20);
  });

  it('follow the label unless told what is right', () => {
    const { query } = input.strips[0];
    expect(isRight({ ...query }, query)).toBe(true);
    expect(isRight({ ...query, correct: false }, query)).toBe(false);
  });

  it('show a blank where pixels do not fill the image', () => {
    const query = { ...input.strips[0].query, width: 27 };
    const markup = stripsFigure([{ query, upright: query, rows: [] }]);
    expect(count(markup, /class="blank"/g)).toBe(2);
    expect(markup).not.toContain('<img');
  });
});

describe('scores', () => {
  it('carry one standard error in percentage points', () => {
    const rows = scoreRows(METRICS.retrieval, input.numbers);
    expect(rows[0].slice(1, 4)).toEqual(['Recall@1', 'Recall@10', 'MAP@R']);
    // By hand: 100 sqrt(0.731 * 0.269 / 2000) = 0.99.
    expect(rows[5]).toEqual(['Raw pixels', '73.1 ± 1.0%', '92.0 ± 0.6%', '31.2 ± 1.0%', '–', '–']);
    expect(rows[4].slice(4)).toEqual(['251,018', '2 min 1 s']);
  });

  it('draw one row for each arm that has a score', () => {
    const missing = { recallAt1: Number.NaN, recallAt10: 0, mapAtR: 0 };
    const figure = scoresFigure({ ...METRICS.retrieval, rawPixels: missing }, 2000);
    expect(count(figure, /<circle/g)).toBe(4);
  });
});
