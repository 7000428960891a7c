import { decode } from 'fast-png';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NegativesReportInput } from '../../src/report/negatives/input.js';
import { renderNegatives } from '../../src/report/negatives/negativesReport.js';
import { orderSentence } from '../../src/report/negatives/sentences.js';
import { falseNegativeRows, pairRows, sweepRows, weightRows } from '../../src/report/negatives/tables.js';
import { thumbnail } from '../../src/report/picture.js';
import { exampleNegatives } from './negativesExample.js';

const BROKEN = /NaN|undefined|Infinity|\bnull\b/;

let two: NegativesReportInput;
let html: string;

beforeAll(async () => {
  two = await exampleNegatives(2, 1);
  html = renderNegatives(two);
});

function wellFormed(page: string): void {
  expect(page).not.toMatch(BROKEN);
  const open: string[] = [];
  for (const [, slash, name] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/gi)) {
    if (['meta', 'link', 'img', 'input'].includes(name)) continue;
    if (slash === '') open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
  const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map((m) => m[1]);
  expect(new Set(ids).size).toBe(ids.length);
}

describe('renderNegatives', () => {
  it('is whole, refers to nothing outside of itself, runs no script, and is the same for the same input', () => {
    wellFormed(html);
    expect(html).not.toMatch(/<script|<iframe|@import|url\(|\son\w+=/i);
    const sources = [...html.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((m) => m[1]);
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((s) => !s.startsWith('data:'))).toEqual([]);
    expect(renderNegatives(two)).toBe(html);
  });

  it('describes every figure and every picture in words', () => {
    const drawings = html.match(/<svg(?![^>]*aria-hidden)/g)!;
    expect(drawings.length).toBe(10);
    expect(html.match(/<desc /g)).toHaveLength(drawings.length);
    for (const [, alt] of html.matchAll(/<img[^>]* alt="([^"]*)"/g)) expect(alt).toMatch(/class \d/);
  });

  it.each([1, 3, 9])('takes %i arms', async (count) => {
    const input = await exampleNegatives(count);
    const page = renderNegatives(input);
    wellFormed(page);
    expect(page.includes('Do they find the same items hard?')).toBe(count > 1);
    for (const { name } of input.blocks.summary.arms) expect(page).toContain(name);
    // Without images the classes stand in their place.
    expect(page).toMatch(
      /class="blank label" role="img" aria-label="negative 1: row \d+, class class \d+, distance/,
    );
  });

  it('leaves out what was not measured', () => {
    const { whole: _whole, sweep: _sweep, ...rest } = two;
    const page = renderNegatives({ ...rest, gallery: [] });
    wellFormed(page);
    expect(page).not.toMatch(/Among all items|other curvatures/);
    expect(page).toContain('no data');
  });

  it('escapes text of foreign origin wherever it stands', () => {
    const hostile = `</title><script>alert("x")</script>&'`;
    const renamed = JSON.parse(JSON.stringify(two.blocks.summary).replaceAll('Euclidean 0', 'ARM'));
    for (const arm of renamed.arms) if (arm.name === 'ARM') arm.name = hostile;
    const page = renderNegatives({
      ...two,
      ...{ title: hostile, data: hostile, origin: [[hostile, hostile]] },
      blocks: { ...two.blocks, summary: renamed },
      sweep: { ...two.sweep!, arm: hostile },
      classNames: two.classNames.map(() => hostile),
    });
    expect(page).not.toMatch(/<script|alert\("/);
  });

  it('carries thumbnails in colour, made smaller where they are large', async () => {
    const colour = await exampleNegatives(2, 3);
    const page = renderNegatives(colour);
    const [source] = page.match(/data:image\/png;base64,[^"]+/)!;
    const { channels, width, height, data } = decode(Buffer.from(source.split(',')[1], 'base64'));
    expect([channels, width, height]).toEqual([3, 8, 8]);
    const { row } = colour.gallery[0];
    expect(Uint8Array.from(data)).toEqual(colour.images!.pixels.subarray(row * 192, (row + 1) * 192));
  });
});

describe('thumbnail', () => {
  it('takes the means of squares of pixels, by hand', () => {
    const pixels = Uint8Array.from([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(thumbnail({ pixels, height: 2, width: 5 }, 2)).toEqual({
      // Squares of 3 pixels a side, of which there are no whole ones downwards: means of 0, 10, 20, 50, 60, 70.
      ...{ pixels: Uint8Array.of(35), height: 1, width: 1, channels: 1 },
    });
    expect(thumbnail({ pixels, height: 2, width: 5 }, 5).pixels).toBe(pixels);
  });
});

describe('tables and sentences', () => {
  it('have a row an arm, and one more for every arm at the spread of the first', () => {
    const { summary } = two.blocks;
    expect(weightRows(summary).map(([name]) => name)).toEqual([
      ...['', 'Euclidean 0', 'Poincaré 1', 'Poincaré 1, at the spread of Euclidean 0'],
    ]);
    expect(weightRows(summary)[1][3]).toMatch(/^0\.\d+ \[0\.\d+, 0\.\d+\]$/);
    expect(weightRows(summary, false)[1][3]).toMatch(/^0\.\d+$/);
    expect(pairRows(summary)[1][0]).toBe('Euclidean 0 / Poincaré 1');
    expect(pairRows(summary)[0]).toContain('Spearman');
    expect(pairRows(two.whole!.summary)[0]).not.toContain('Spearman');
    expect(falseNegativeRows(summary)).toHaveLength(3);
    expect(sweepRows(two.sweep!.points).map(([K]) => K)).toEqual(['K', '0', '-1']);
  });

  it('state the theorem where it holds, with its numbers', () => {
    const { summary } = two.blocks;
    const [pair] = summary.pairs;
    expect(orderSentence(summary, pair)).toMatch(/norms are free/);
    const level = summary.arms.map((arm) => ({
      ...arm,
      radii: arm.radii.map((r) => ({ ...r, relative: 0 })),
    }));
    const same = {
      ...{ ...pair, widestInversion: 0, sameOrder: 1 },
      hardestDiffer: { mean: 0, interval: [0, 0] as const },
      spearman: { mean: 1, interval: [1, 1] as const },
    };
    expect(orderSentence({ ...summary, arms: level }, same)).toMatch(
      /differs for 0\.0% of the anchors, Spearman of all negatives 1\.0000\. It has to be so/,
    );
    expect(orderSentence({ ...summary, arms: level }, pair)).toMatch(/not the geometry/);
  });
});
