import { describe, expect, it } from 'vitest';
import { warmupCosine } from '../../src/training/schedule.js';

const OPTIONS = { peak: 0.8, warmup: 4, steps: 12 };
const at = (step: number) => warmupCosine(step, OPTIONS);

describe('warmupCosine', () => {
  it('rises in equal steps to the peak, which the first step after the warm-up has too', () => {
    for (const [step, rate] of [0.2, 0.4, 0.6, 0.8, 0.8].entries()) expect(at(step)).toBeCloseTo(rate, 15);
  });

  it('then falls as half a cosine: half of the peak half way, 0 at the end', () => {
    expect(at(8)).toBeCloseTo(0.4, 15);
    // A quarter of the way: (1 + cos 45°) / 2.
    expect(at(6)).toBeCloseTo(0.8 * 0.8535533905932737, 15);
    expect(at(12)).toBeCloseTo(0, 15);
    expect(at(13)).toBeCloseTo(0, 15);
  });

  it('never rises after the warm-up and is positive at every step that is taken', () => {
    for (let step = 4; step < 12; step++) {
      expect(at(step)).toBeGreaterThan(0);
      expect(at(step + 1)).toBeLessThan(at(step));
    }
  });

  it('takes no warm-up, and a warm-up as long as the training', () => {
    expect(warmupCosine(0, { peak: 1, warmup: 0, steps: 10 })).toBe(1);
    expect(warmupCosine(9, { peak: 1, warmup: 10, steps: 10 })).toBe(1);
    expect(warmupCosine(0, { peak: 1, warmup: 0, steps: 1 })).toBe(1);
    expect(Number.isFinite(warmupCosine(10, { peak: 1, warmup: 10, steps: 10 }))).toBe(true);
  });
});
