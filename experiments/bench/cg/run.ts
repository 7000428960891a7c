import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  channelProduct,
  channelProducts,
  DomainError,
  productPaths,
  productTables,
  Rng,
  tf,
} from '../../../src/index.js';
import { type BenchContext, type BenchRow, benchRow, quantile, settle } from '../bench.js';
import { benchSources, Peer, peersPython } from '../peers.js';

/** Norms of float32 products may differ by this share. */
const AGREEMENT = 1e-4;
const BATCH = 100;
const CASES = [
  { degree: 6, channels: 8 },
  { degree: 10, channels: 16 },
];
/** Passes of a side in a round, the median of which counts. */
const PASSES = 15;

interface Pass {
  readonly seconds: number;
  readonly norm: number;
  readonly gradient: number;
}

/**
 * Products of signals with themselves, channel by channel, over the same pairs of degrees (the efficient ones, none that is
 * zero), with the gradient of half the squared norm: training's part of a block but for its linear map.
 */
export async function run({ quick, log }: BenchContext): Promise<BenchRow[]> {
  const peer = new Peer(peersPython(log, 'cg'), join(benchSources, 'cg', 'peer.py'));
  try {
    const rows: BenchRow[] = [];
    for (const size of CASES) rows.push(await compare(peer, size, quick ? 2 : 7));
    return rows;
  } finally {
    peer.close();
  }
}

async function compare(
  peer: Peer,
  { degree, channels }: (typeof CASES)[number],
  rounds: number,
): Promise<BenchRow> {
  const paths = productPaths(degree, degree);
  const tables = productTables(channelProduct(paths, degree));
  const shape: [number, number] = [(degree + 1) ** 2, channels * BATCH];
  const rng = new Rng(degree);
  const values = Float32Array.from({ length: shape[0] * shape[1] }, () => rng.normal());
  const x = tf.tensor2d(values, shape);
  const pull = channelProducts(tables, x);
  const versions = await peer.ask<Record<string, string>>({
    ...{ degree, channels, batch: BATCH, threads: availableParallelism(), x: Array.from(values) },
    paths: paths.map(({ l1, l2, l3 }) => [l1, l2, l3]),
  });
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      await settle();
      const mine = await passes(() => ourPass(tables, x, pull));
      await settle();
      const other = await passes(() => peer.ask<Pass>({}));
      requireEqual(mine.last, other.last);
      ours.push(mine.seconds);
      theirs.push(other.seconds);
    }
  } finally {
    tf.dispose([x, pull]);
    tables.dispose();
  }
  const name = `l <= ${degree}, ${channels} channels, batch ${BATCH}, forward and backward`;
  return benchRow(name, `e3nn ${versions['e3nn']}, torch ${versions['torch']}`, ours, theirs);
}

/** The first few passes of a side compile and warm up: they are not counted. */
async function passes(pass: () => Promise<Pass>): Promise<{ seconds: number; last: Pass }> {
  for (let k = 0; k < 3; k++) await pass();
  const all: Pass[] = [];
  for (let k = 0; k < PASSES; k++) all.push(await pass());
  return {
    seconds: quantile(
      all.map(({ seconds }) => seconds),
      0.5,
    ),
    last: all[all.length - 1],
  };
}

/** @param pull the products themselves, which are the gradient of half their squared norm */
async function ourPass(
  tables: ReturnType<typeof productTables>,
  x: tf.Tensor2D,
  pull: tf.Tensor2D,
): Promise<Pass> {
  const start = performance.now();
  const { value, grad } = tf.valueAndGrad((input) => channelProducts(tables, input as tf.Tensor2D))(x, pull);
  // Reading waits for engines that work in the background.
  await grad.data();
  const seconds = (performance.now() - start) / 1000;
  const norms = tf.tidy(() => [tf.norm(value), tf.norm(grad)]);
  const [[norm], [gradient]] = await Promise.all(norms.map((each) => each.data()));
  tf.dispose([value, grad, ...norms]);
  return { seconds, norm, gradient };
}

function requireEqual(ours: Pass, theirs: Pass): void {
  for (const key of ['norm', 'gradient'] as const) {
    if (Math.abs(ours[key] / theirs[key] - 1) < AGREEMENT) continue;
    throw new DomainError(
      `bench cg: ${key} ${ours[key]} here, ${theirs[key]} of the peer: not the same work`,
    );
  }
}
