import { describe, expect, it } from 'vitest';
import { type MultiplesInput, multiplesFigure, standaloneFigure } from '../../src/report/multiples.js';

const point = (x: number, y: number) => ({ x, y, low: y - 0.1, high: y + 0.1 });
const FIGURE: MultiplesInput = {
  id: 'example',
  title: 'Quality by numbers',
  xLabel: 'numbers',
  panels: [
    {
      title: 'Recall',
      unit: 'share',
      lines: [
        { name: 'euclidean', tone: 'euclidean', dashed: false, points: [point(2, 0.1), point(8, 0.4)] },
        { name: 'euclidean+star', tone: 'euclidean', dashed: true, points: [point(8, 0.5)] },
      ],
    },
    { title: 'Nothing yet', unit: 'share', lines: [] },
  ],
};
const count = (markup: string, pattern: RegExp) => (markup.match(pattern) ?? []).length;

describe('multiplesFigure', () => {
  const figure = multiplesFigure(FIGURE);

  it('names each line once, and gives every point its whisker', () => {
    expect(count(figure, />euclidean\+star</g)).toBe(1);
    expect(count(figure, /class="whisker"/g)).toBe(3);
  });

  it('marks the numbers that were tried on the axis of every panel that has lines', () => {
    expect(count(figure, /text-anchor="middle">8<\/text>/g)).toBe(1);
    expect(figure).toContain('no data');
  });

  it('leaves out values that are not finite, and says so where none are left', () => {
    const lost = { ...point(2, 0.1), high: Number.POSITIVE_INFINITY };
    const lines = [{ ...FIGURE.panels[0].lines[0], points: [lost] }];
    const empty = multiplesFigure({ ...FIGURE, panels: [{ ...FIGURE.panels[0], lines }] });
    expect(count(empty, /whisker/g)).toBe(0);
    expect(empty).toContain('no data');
  });

  it('carries its style where it stands alone', () => {
    expect(standaloneFigure(figure)).toMatch(/^<\?xml[^>]*>\n<svg[^>]*><style>/);
  });
});
