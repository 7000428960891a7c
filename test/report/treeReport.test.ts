import { describe, expect, it } from 'vitest';
import { geodesic } from '../../src/report/treeDisk.js';
import { renderTreeReport, type TreeReportInput, treeScoreRows } from '../../src/report/treeReport.js';

const scores = {
  ...{
    distortion: 0.0741,
    spearman: 0.95,
    pairs: 69_602,
    stepsToNearest: 1.509,
    neighborMap: 0.7228,
    nodes: 1182,
  },
  byEdges: [
    { edges: 1, pairs: 900, low: 0.8, median: 1.01, high: 1.4 },
    { edges: 2, pairs: 2000, low: 1.7, median: 2.02, high: 2.5 },
  ],
};
const input = (change: Partial<TreeReportInput> = {}): TreeReportInput => ({
  ...{ title: 'Codes of <b>.tsv', space: 'hyperbolic', star: true, nodes: 4, depth: 2, dim: 3, seconds: 1.2 },
  ...{ scores, heldOut: true, arms: [], branchNames: ['plants & co', 'cats', 'others'] },
  plane: { coordinates: Float64Array.of(0, 0, 0.5, 0.1, 0.7, 0.2, -0.4, 0.3), explained: 0.9 },
  parents: Int32Array.of(-1, 0, 1, 0),
  branches: Int32Array.of(2, 0, 0, 1),
  origin: [['Seed', '1']],
  ...change,
});

describe('the report of a tree', () => {
  it('is one page without scripts, with a dot a node and an arc an edge', () => {
    const html = renderTreeReport(input());
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(html.match(/<path class="k\d+" d="M[^"]*h0">/g)).toHaveLength(4);
    const arcs = /<path class="rule" fill="none"[^>]* d="([^"]*)"/.exec(html)?.[1];
    expect(arcs?.match(/M/g)).toHaveLength(3);
  });

  it('escapes names, says what was held out, and is the same for the same input', () => {
    const html = renderTreeReport(input());
    expect(html).toContain('Codes of &lt;b&gt;.tsv');
    expect(html).toContain('plants &amp; co');
    expect(html).toContain('69,602 pairs that did not train');
    expect(renderTreeReport(input({ heldOut: false }))).toContain('all of which trained');
    expect(renderTreeReport(input())).toBe(html);
  });

  it('draws Euclidean codes in a plane, and leaves out points that are not inside the disk', () => {
    expect(renderTreeReport(input({ space: 'euclidean' }))).toContain('Euclidean codes in the plane');
    const outside = { coordinates: Float64Array.of(0, 0, 1, 0, 0.7, 0.2, Number.NaN, 0), explained: 1 };
    const html = renderTreeReport(input({ plane: outside }));
    expect(html.match(/<path class="k\d+" d="M[^"]*h0">/g)).toHaveLength(2);
    expect(html).not.toContain('NaN');
  });

  it('has a table of the arms that were tried, and names the best', () => {
    const arms = [
      { name: 'euclidean', scores: { ...scores, distortion: 0.19 } },
      { name: 'hyperbolic+star', scores },
    ];
    const html = renderTreeReport(input({ arms }));
    expect(html).toContain('hyperbolic+star has the smallest distortion, 0.0741');
    expect(treeScoreRows(arms)[1]).toEqual(['euclidean', '0.1900', '0.9500', '1.509', '0.7228']);
    expect(renderTreeReport(input())).not.toContain('id="arms"');
  });
});

describe('geodesic', () => {
  it('is a line through the centre and on any diameter', () => {
    expect(geodesic([0, 0], [0.5, 0])).toBe('M320 320L475 320');
    expect(geodesic([-0.3, -0.3], [0.6, 0.6])).toContain('L');
  });

  it('is an arc of the circle that meets the boundary at right angles', () => {
    // The circle around (1.25, 0) of radius 3/4 holds both points and is orthogonal: 1.25² = 1 + 0.75².
    const [x, y] = [1.25 - 0.75 * Math.cos(0.5), 0.75 * Math.sin(0.5)];
    const path = geodesic([x, y], [x, -y]);
    expect(path).toMatch(/^M\S+ \S+A232\.5 232\.5 0 0 [01] /);
    // From above to below by the left of that circle: it bends towards the centre of the disk.
    expect(path).toContain('0 0 0 ');
    expect(geodesic([x, -y], [x, y])).toContain('0 0 1 ');
  });
});
