import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { row } from '../../../src/core/matrix.js';
import { formatNpy } from '../../../src/core/npy.js';
import { parseNpz } from '../../../src/core/npz.js';
import { Rng } from '../../../src/core/rng.js';
import { learnWeights } from '../../../src/evaluation/ensemble/learnWeights.js';
import { ensembleOf } from '../../../src/evaluation/ensemble/members.js';
import { distance } from '../../../src/geometry/distance.js';
import { runIndex } from '../../indices/runIndex.js';
import { available } from '../../native/addon.js';
import { clustered, labelsOf, SPACES } from './members.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-ensemble-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const N = 400;
const K = 10;
const LABELS = labelsOf(N, 8);
const MEMBERS = SPACES.map((space, m) => clustered(space, LABELS, 0.8, 20 + m));

describe.skipIf(!available)('learned weights in one index', () => {
  it('finds the neighbours of the mixed score, which is computed apart pair by pair', async () => {
    const { weights } = learnWeights(MEMBERS, LABELS, new Rng(1), { score: 'mapAtR' });
    const { space, vectors } = ensembleOf(MEMBERS, weights);
    const shape = [vectors.rows, vectors.columns];
    writeFileSync(at('x.npy'), formatNpy({ data: vectors.data, shape }));
    writeFileSync(at('space.json'), JSON.stringify(space));
    const [x, index] = [at('x.npy'), at('a.gyro')];
    await runIndex('build', '--vectors', x, '--space', at('space.json'), '--out', index);
    for (const engine of [['--exact'], ['--ef', '200']]) {
      await runIndex('query', index, '--queries', x, '--k', `${K}`, '--out', at('r.npz'), ...engine);
      const { ids } = parseNpz(readFileSync(at('r.npz')), 'r.npz');
      for (let i = 0; i < N; i++) {
        const mixed = Array.from({ length: N }, (_, j) =>
          MEMBERS.reduce(
            (sum, member, m) =>
              sum + weights[m] * distance(member.space, row(member.vectors, i), row(member.vectors, j)),
            0,
          ),
        );
        const nearest = mixed.map((_, j) => j).sort((a, b) => mixed[a] - mixed[b] || a - b);
        const found = Array.from(ids.data.subarray(i * K, (i + 1) * K) as BigInt64Array, Number);
        expect(found).toEqual(nearest.slice(0, K));
      }
    }
  });
});
