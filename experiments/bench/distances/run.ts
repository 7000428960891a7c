import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DomainError, poincareBall, Rng, tf } from '../../../src/index.js';
import { type BenchContext, type BenchRow, benchRow, settle } from '../bench.js';
import { benchSources, Peer } from '../peers.js';

const CURVATURE = -1;
const FORMS = ['published', 'geoopt', 'hypll', 'by hand'] as const;
/** Values and gradients of float32 may differ by this share, as points stay away from the rim here. */
const AGREEMENT = 1e-3;

interface Measured {
  readonly seconds: number;
  readonly total: number;
  readonly gradient: number;
}

/** Rows of normally distributed directions with radii between 0.05 and 0.9. */
function ballPoints(n: number, dim: number, rng: Rng): number[][] {
  return Array.from({ length: n }, () => {
    const direction = Array.from({ length: dim }, () => rng.normal());
    const scale = rng.uniform(0.05, 0.9) / Math.hypot(...direction);
    return direction.map((value) => value * scale);
  });
}

/** Σ w_ij d(x_i, y_j) and its gradient in both arguments, w growing from 0 to 1. */
async function ours(x: tf.Tensor2D, y: tf.Tensor2D, weights: tf.Tensor2D): Promise<Measured> {
  const { pairwise } = poincareBall(x.shape[1], CURVATURE);
  const start = performance.now();
  const { value, grads } = tf.valueAndGrads((a, b) =>
    tf.sum(tf.mul(pairwise(a as tf.Tensor2D, b as tf.Tensor2D), weights)),
  )([x, y]);
  // Reading waits for engines that work in the background.
  await grads[0].data();
  const seconds = (performance.now() - start) / 1000;
  const norm = tf.tidy(() => tf.norm(grads[0]));
  const [[total], [gradient]] = await Promise.all([value.data(), norm.data()]);
  tf.dispose([value, ...grads, norm]);
  return { seconds, total, gradient };
}

function requireAgreement(form: string, mine: Measured, theirs: Measured): void {
  for (const key of ['total', 'gradient'] as const) {
    if (Math.abs(mine[key] - theirs[key]) <= AGREEMENT * Math.abs(theirs[key])) continue;
    throw new DomainError(`bench distances: ${form} gives ${key} ${theirs[key]}, we give ${mine[key]}`);
  }
}

export async function run({ quick, python, log }: BenchContext): Promise<BenchRow[]> {
  const rounds = quick ? 3 : 5;
  const dim = 128;
  const peer = new Peer(python(), join(benchSources, 'distances', 'peer.py'));
  const rows: BenchRow[] = [];
  try {
    for (const n of quick ? [256] : [256, 1024]) {
      const rng = new Rng(n);
      const points = [ballPoints(n, dim, rng.split('x')), ballPoints(n, dim, rng.split('y'))];
      const threads = availableParallelism();
      const versions = await peer.ask<Record<string, string>>({ points, c: -CURVATURE, threads });
      const [x, y] = points.map((rowsOfPoints) => tf.tensor2d(rowsOfPoints));
      const weights = tf.tidy(() => tf.div(tf.reshape(tf.range(1, n * n + 1), [n, n]), n * n)) as tf.Tensor2D;
      for (const form of FORMS) {
        log(`${n} x ${n} x ${dim}, ${form} ...`);
        requireAgreement(form, await ours(x, y, weights), await peer.ask<Measured>({ form }));
        const [mine, theirs]: [number[], number[]] = [[], []];
        for (let round = 0; round < rounds; round++) {
          // Each side once untimed first: a training step finds its memory and caches warm.
          await settle();
          await ours(x, y, weights);
          mine.push((await ours(x, y, weights)).seconds);
          await settle();
          await peer.ask<Measured>({ form });
          theirs.push((await peer.ask<Measured>({ form })).seconds);
        }
        const name = `${n} x ${n}, d ${dim}, value and gradient`;
        const label =
          form in versions ? `${versions[form]} on ${versions['torch']}` : `${form}, ${versions['torch']}`;
        rows.push(benchRow(name, label, mine, theirs));
      }
      tf.dispose([x, y, weights]);
    }
  } finally {
    peer.close();
  }
  return rows;
}
