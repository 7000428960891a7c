import { describe, expect, it } from 'vitest';
import { collapseWarning } from '../../src/training/monitor.js';

const event = (step: number, parts: Record<string, number>) => ({
  step,
  steps: 600,
  seconds: 1,
  images: 130 * step,
  learningRate: 0.003,
  loss: 3,
  parts,
});

describe('collapseWarning', () => {
  it('says since when, how near, and what to change', () => {
    expect(collapseWarning(event(100, { spread: 0.0012345 }))).toMatch(
      /run together \(mean cosine distance 0\.0012 at step 100, expected at least 0\.02\); lower training\.learningRate/,
    );
    expect(collapseWarning(event(50, { spread: 0 }))).toBeDefined();
  });

  it('warns of a spread that is not a number', () => {
    expect(collapseWarning(event(100, { spread: Number.NaN }))).toBeDefined();
  });

  it('is silent for codes that spread, before step 50, and without the statistic', () => {
    expect(collapseWarning(event(100, { spread: 0.02 }))).toBeUndefined();
    expect(collapseWarning(event(49, { spread: 0 }))).toBeUndefined();
    expect(collapseWarning(event(100, {}))).toBeUndefined();
  });
});
