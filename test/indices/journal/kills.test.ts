import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { available } from '../../native/addon.js';
import { killAgainAndAgain, openDamaged } from './kills.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.skipIf(!available)(
  'no acknowledged change is lost by 8 SIGKILLs during changes and checkpoints',
  async () => {
    const { acknowledged } = await killAgainAndAgain(folder, 8, 1);
    expect(acknowledged).toBeGreaterThan(8);
  },
);

it.skipIf(!available).each(['journal', 'read', 'map'] as const)(
  '150 damaged files end in a FormatError or in right answers: %s',
  (what) => {
    expect(openDamaged(folder, what, 150, 3).refused).toBeGreaterThan(10);
  },
);
