import { join } from 'node:path';
import { Rng, rowDistance, tf } from '../../../src/index.js';
import type { BenchContext, BenchRow } from '../bench.js';
import { benchSources, Peer } from '../peers.js';

const DIM = 16;
const BALL = { kind: 'poincare', dim: DIM, curvature: -1 } as const;
const RADII = [1, 3, 5, 7, 9, 11, 12, 13, 14, 15, 16, 17];
const PEERS = ['published', 'geoopt float32', 'geoopt float64'] as const;

interface Answer {
  readonly errors: Readonly<Record<string, number>>;
  readonly geoopt: string;
  readonly torch: string;
}

/** Float32 points at this radius, and others at the same radius turned by `angle` towards a second direction. */
function pairsAt(radius: number, angle: number, pairs: number, rng: Rng): { x: number[][]; y: number[][] } {
  const length = Math.tanh(radius / 2);
  const [x, y]: [number[][], number[][]] = [[], []];
  for (let i = 0; i < pairs; i++) {
    const [a, b] = orthonormalPair(rng);
    x.push(a.map((v) => Math.fround(length * v)));
    y.push(a.map((v, k) => Math.fround(length * (Math.cos(angle) * v + Math.sin(angle) * b[k]))));
  }
  return { x, y };
}

function orthonormalPair(rng: Rng): [number[], number[]] {
  const draw = () => Array.from({ length: DIM }, () => rng.normal());
  const unit = (v: number[]) => v.map((value) => value / Math.hypot(...v));
  const a = unit(draw());
  const b = draw();
  const along = a.reduce((sum, v, k) => sum + v * b[k], 0);
  return [a, unit(b.map((v, k) => v - along * a[k]))];
}

/**
 * Median relative errors of distances between float32 points at equal radius, opposite each other and about 1 apart. The
 * figures of a row are errors, not seconds; the ratio is the peer's error over ours.
 */
export async function run({ quick, python, log }: BenchContext): Promise<BenchRow[]> {
  const peer = new Peer(python(), join(benchSources, 'limits', 'peer.py'));
  const rows: BenchRow[] = [];
  try {
    for (const radius of quick ? [1, 9, 15] : RADII) {
      for (const [name, angle] of [
        ['opposite', Math.PI],
        ['1 apart', 1 / Math.sinh(radius)],
      ] as const) {
        log(`radius ${radius}, ${name} ...`);
        const { x, y } = pairsAt(radius, angle, quick ? 10 : 40, new Rng(radius));
        const ours = tf.tidy(() => Array.from(rowDistance(BALL, tf.tensor2d(x), tf.tensor2d(y)).dataSync()));
        const { errors, geoopt, torch } = await peer.ask<Answer>({ x, y, ours });
        const { ours: mine } = errors;
        for (const form of PEERS) {
          const ratio = errors[form] / mine;
          const peerVersion = `${form}, ${form === 'published' ? `torch ${torch}` : geoopt}`;
          rows.push({
            ...{ case: `radius ${radius}, ${name}`, ours: mine, peer: errors[form], peerVersion },
            ...{ ratio, low: ratio, high: ratio, unit: 'relative error' },
          });
        }
      }
    }
  } finally {
    peer.close();
  }
  return rows;
}
