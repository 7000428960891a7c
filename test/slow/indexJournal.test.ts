import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { killAgainAndAgain, openDamaged } from '../indices/journal/kills.js';
import { available } from '../native/addon.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-index-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(!available)(
  'no acknowledged change is lost by 200 SIGKILLs during changes and checkpoints',
  async () => {
    const { acknowledged, open } = await killAgainAndAgain(folder, 200, 7);
    expect(acknowledged).toBeGreaterThan(1000);
    // Kills that meet no change would show nothing.
    expect(open).toBeGreaterThan(100);
  },
);

it.skipIf(!available).each([
  ['journals, on both open paths', 'journal'],
  ['files that are read', 'read'],
  ['files that are mapped', 'map'],
] as const)('10,000 damaged %s end in a FormatError or in right answers', (_, what) => {
  const { refused } = openDamaged(folder, what, 10_000, 3);
  expect(refused).toBeGreaterThan(1000);
});
