import { lab, rgb } from 'd3';
import { describe, expect, it } from 'vitest';
import { CLASS_COLOURS, classLegend, MAX_CLASSES } from '../../src/report/classes.js';

/** Linear RGB seen by dichromats: Machado, Oliveira and Fernandes 2009, severity 1. */
const EYES = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};
/** About six just noticeable differences (2.3); the d3 category schemes fall to 0.9 and 4.5. */
const APART = 14;
/** WCAG 2.1, 1.4.11: graphical objects. */
const CONTRAST = 3;
const PAGES = { light: '#fbfaf7', dark: '#14161b' } as const;

const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
const encoded = (v: number) => 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
const channels = (hex: string) => [rgb(hex).r, rgb(hex).g, rgb(hex).b].map(linear);

function seen(hex: string, eye: readonly number[]): { l: number; a: number; b: number } {
  const c = channels(hex);
  const [r, g, b] = [0, 3, 6].map((i) => eye[i] * c[0] + eye[i + 1] * c[1] + eye[i + 2] * c[2]);
  const clip = (v: number) => encoded(Math.min(1, Math.max(0, v)));
  return lab(rgb(clip(r), clip(g), clip(b)));
}

function luminance(hex: string): number {
  const [r, g, b] = channels(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe.each(['light', 'dark'] as const)('class colours on the %s page', (theme) => {
  const colours = CLASS_COLOURS[theme];

  it.each(Object.entries(EYES))('stay apart for %s', (_, eye) => {
    const points = colours.map((c) => seen(c, eye));
    const gaps = points.flatMap((p, i) =>
      points.slice(i + 1).map((q) => Math.hypot(p.l - q.l, p.a - q.a, p.b - q.b)),
    );
    expect(Math.min(...gaps)).toBeGreaterThan(APART);
  });

  it('stand out from the page', () => {
    const page = luminance(PAGES[theme]);
    for (const colour of colours) {
      const [low, high] = [luminance(colour), page].sort((a, b) => a - b);
      expect((high + 0.05) / (low + 0.05)).toBeGreaterThanOrEqual(CONTRAST);
    }
  });
});

describe('classLegend', () => {
  it('gives slots in the order of the labels and names where there are any', () => {
    const { keys, slots, rest } = classLegend(Int32Array.of(7, 2, 7), ['a', 'b', 'cat']);
    expect(keys).toEqual([
      { label: 2, name: 'cat', items: 1 },
      { label: 7, name: '7', items: 2 },
    ]);
    expect([...slots]).toEqual([1, 0, 1]);
    expect(rest).toBe(0);
  });

  it('leaves the smallest classes without a slot beyond the limit', () => {
    const labels = Int32Array.from({ length: 2 * MAX_CLASSES + 1 }, (_, i) =>
      i < 2 * MAX_CLASSES ? i >> 1 : 99,
    );
    const { keys, slots, rest } = classLegend(labels);
    expect(keys).toHaveLength(MAX_CLASSES);
    expect(rest).toBe(1);
    expect(slots[slots.length - 1]).toBe(-1);
  });
});
