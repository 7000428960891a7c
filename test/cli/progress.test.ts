import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formatSeconds, Progress } from '../../src/cli/progress.js';

const CLEAR_LINE = '\r\x1b[2K';

/** The part of a WriteStream that Progress uses, and a clock that stands still unless it is set. */
function example(terminal: { readonly isTTY: boolean; readonly columns?: number }) {
  const written: string[] = [];
  const clock = { seconds: 100 };
  const stream = { ...terminal, write: (text: string) => written.push(text) > 0 };
  const progress = new Progress('training', {
    stream: stream as unknown as NodeJS.WriteStream,
    now: () => clock.seconds,
  });
  return { written, clock, progress };
}

describe('Progress elsewhere than on a terminal', () => {
  it('prints whole lines with done, total, rate, time left and note', () => {
    const { written, clock, progress } = example({ isTTY: false });
    clock.seconds += 4;
    progress.update(20, 100, 'steps', 'loss 1.5');
    expect(written).toEqual(['training: 20/100 steps, 5.00/s, 16 s left; loss 1.5\n']);
  });

  it('prints at most one line in ten seconds, and one at the end', () => {
    const { written, clock, progress } = example({ isTTY: false });
    for (let step = 1; step <= 25; step++) {
      clock.seconds++;
      progress.update(step, 100, 'steps');
    }
    progress.finish('stopped');
    expect(written.map((line) => line.split(',')[0].trim())).toEqual([
      'training: 1/100 steps',
      'training: 11/100 steps',
      'training: 21/100 steps',
      'training: stopped (25 s)',
    ]);
  });

  it('has no control characters', () => {
    const { written, progress } = example({ isTTY: false });
    progress.update(1, 2, 'steps', 'note');
    progress.finish('done');
    expect(written.map(stripVTControlCharacters)).toEqual(written);
  });
});

describe('Progress on a terminal', () => {
  it('rewrites one line, whose bar is full to the share done', () => {
    const { written, clock, progress } = example({ isTTY: true, columns: 120 });
    clock.seconds += 1;
    progress.update(0, 4, 'steps');
    progress.update(1, 4, 'steps');
    progress.update(4, 4, 'steps', 'loss 1.5');
    const lines = written.map((text) => {
      expect(text.startsWith(CLEAR_LINE)).toBe(true);
      expect(text).not.toContain('\n');
      return stripVTControlCharacters(text).replace('\r', '').trimEnd();
    });
    expect(lines).toEqual([
      `training ${'░'.repeat(24)} 0/4 steps, 0.00/s, ? left`,
      `training ${'█'.repeat(6)}${'░'.repeat(18)} 1/4 steps, 1.00/s, 3.0 s left`,
      `training ${'█'.repeat(24)} 4/4 steps, 4.00/s, 0.0 s left loss 1.5`,
    ]);
  });

  it.each([200, 80, 60, 50])('stays in one line of %i columns', (columns) => {
    const { written, clock, progress } = example({ isTTY: true, columns });
    clock.seconds += 60;
    progress.update(150, 600, 'steps', 'loss 3.141, p(x-) 0.94 / 0.88');
    const line = stripVTControlCharacters(written[0]).replace('\r', '');
    expect(line.length).toBeLessThan(columns);
    expect(line).toContain('150/600 steps, 2.50/s, 180 s left');
  });

  it('ends with a line that stays', () => {
    const { written, clock, progress } = example({ isTTY: true });
    clock.seconds += 75;
    progress.finish('600 steps');
    expect(written).toEqual([`${CLEAR_LINE}training: 600 steps (75 s)\n`]);
  });
});

describe('formatSeconds', () => {
  it.each([
    [0, '0.0 s'],
    [3.24, '3.2 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [75.4, '75 s'],
    [599.4, '599 s'],
    [599.6, '10 min'],
    [3600, '60 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
