import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DistanceReport,
  DomainError,
  distanceReport,
  formatNpy,
  type Matrix32,
  matrix,
  Rng,
  spaceDistances,
  writeFileAtomic,
} from '../../../src/index.js';
import { type BenchContext, type BenchRow, benchRow, settle } from '../bench.js';
import { benchSources, Peer, peersPython } from '../peers.js';

const COLUMNS = 784;
const CODES = 16;
const K = 10;
/** float32 points, and a rank correlation from counts: see spearmanError. */
const AGREEMENT = 1e-4;

interface Answer {
  readonly seconds: number;
  readonly values: Readonly<Record<string, number>>;
  readonly version: string;
}

/** Points near a surface of 16 dimensions in 784, and noisy codes of them. */
function points(n: number): { inputs: Matrix32; codes: Matrix32 } {
  const rng = new Rng(n);
  const map = Float64Array.from({ length: CODES * COLUMNS }, () => 0.3 * rng.normal());
  const [x, z] = [new Float32Array(n * COLUMNS), new Float32Array(n * CODES)];
  for (let i = 0; i < n; i++) {
    const hidden = Array.from({ length: CODES }, () => rng.normal());
    for (let c = 0; c < CODES; c++) z[i * CODES + c] = hidden[c] + 0.2 * rng.normal();
    for (let p = 0; p < COLUMNS; p++) {
      let value = 0.2 * rng.uniform();
      for (let c = 0; c < CODES; c++) value += hidden[c] * map[c * COLUMNS + p];
      x[i * COLUMNS + p] = value;
    }
  }
  return { inputs: matrix(x, n, COLUMNS), codes: matrix(z, n, CODES) };
}

/** The peer's rank errors are 1 minus ours, over a normalisation that allows a rank of n. */
function requireAgreement(report: DistanceReport, { values }: Answer): void {
  const weight = (other: number) => {
    let sum = 0;
    for (let r = 1; r <= K; r++) sum += Math.abs(report.n - 2 * r + other) / r;
    return sum;
  };
  const errors = (mine: number) => 1 - (mine * weight(0)) / weight(1);
  const pairs: readonly (readonly [string, number])[] = [
    ['trustworthiness', report.trustworthiness],
    ['continuity', report.continuity],
    ['mrre_false', errors(report.mrreFalse)],
    ['mrre_missing', errors(report.mrreMissing)],
    ['lcmc', report.lcmc],
    ['stress', report.kruskalStress1],
    ['scale_normalized_stress', report.scaledStress1],
    ['pearson_r', report.shepardPearson],
    ['spearman_rho', report.shepardSpearman],
  ];
  for (const [name, mine] of pairs) {
    if (Math.abs(mine - values[name]) <= AGREEMENT) continue;
    throw new DomainError(`bench distances-report: the peer gives ${name} ${values[name]}, we give ${mine}`);
  }
}

/** All measures of the report, ours, against those of them that zadu has. Quick: 2,000 rows. */
export async function run({ quick, parts, log }: BenchContext): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bench-'));
  const [x, z] = ['x.npy', 'z.npy'].map((name) => join(folder, name));
  const peer = new Peer(
    peersPython(log, 'distances-report'),
    join(benchSources, 'distances-report', 'peer.py'),
  );
  const rows: BenchRow[] = [];
  try {
    const sizes = parts.length > 0 ? parts.map(Number) : quick ? [2000] : [5000, 20_000];
    for (const n of sizes) {
      const { inputs, codes } = points(n);
      for (const [path, m] of [
        [x, inputs],
        [z, codes],
      ] as const) {
        writeFileAtomic(path, formatNpy({ data: m.data, shape: [m.rows, m.columns] }));
      }
      const [ours, theirs]: [number[], number[]] = [[], []];
      let version = '';
      // The peer takes minutes at the largest size.
      for (let round = 0; round < (n > 10_000 ? 1 : 3); round++) {
        await settle();
        log(`${n} rows, round ${round + 1} ...`);
        const start = performance.now();
        const report = await distanceReport(
          spaceDistances({ kind: 'euclidean', dim: COLUMNS }, inputs),
          spaceDistances({ kind: 'euclidean', dim: CODES }, codes),
          { k: K, rng: new Rng(1) },
        );
        ours.push((performance.now() - start) / 1000);
        log(`ours ${ours[round].toFixed(1)} s`);
        const answer = await peer.ask<Answer>({ x, z, k: K });
        requireAgreement(report, answer);
        theirs.push(answer.seconds);
        version = answer.version;
      }
      const name = `${n} x ${COLUMNS} against ${n} x ${CODES}, k ${K}`;
      rows.push(benchRow(name, `zadu ${version}`, ours, theirs));
    }
  } finally {
    peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
