import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  createLoss,
  DomainError,
  FlatParameters,
  type LossBatch,
  type LossName,
  type MetricLoss,
  mixedLogits,
  pairSoftmax,
  planOf,
  Rng,
  tf,
} from '../../../src/index.js';
import { type BenchContext, type BenchRow, benchRow, quantile, settle } from '../bench.js';
import { benchSources, Peer, peersPython } from '../peers.js';
import { type Case, casesFor } from './cases.js';

/** Values and gradient norms of float32 may differ by this share. */
const AGREEMENT = 1e-3;
/** Seconds of steps in a row that are timed. */
const BURST = 0.3;
/** Seconds a step of a peer that needs no more rounds than two. */
const SLOW = 2;
const DIM = 128;
const PER_CLASS = 4;
/** The published mixed loss, on pairs of views of items. */
const HYP_MIX = { c: 0.1, tau_flat: 0.05, tau_ball: 0.2 };

interface Step {
  readonly seconds: number;
  readonly loss: number;
  readonly gradient: number;
}

/** Directions around one centre a class, and the same at 0.6 of the radius of the ball of curvature -c. */
function drawData(n: number): { rows: number[][]; ball: number[][]; labels: number[] } {
  const rng = new Rng(n);
  const classes = n / PER_CLASS;
  const centres = Array.from({ length: classes }, () => Array.from({ length: DIM }, () => rng.normal()));
  const labels = Array.from({ length: n }, (_, i) => i % classes);
  const rows = labels.map((label) => {
    const row = centres[label].map((value) => value + 0.7 * rng.normal());
    return row.map((value) => value / Math.hypot(...row));
  });
  const ball = rows.map((row) => row.map((value) => (0.6 * value) / Math.sqrt(HYP_MIX.c)));
  return { rows, ball, labels };
}

/** A loss of the rows of the data and one more array that gets a gradient too. */
type Loss = (...inputs: tf.Tensor[]) => tf.Scalar;

/** A training step's part of a loss: value and gradients, for the loss's own arrays too. */
async function step(loss: Loss, inputs: tf.Tensor[]): Promise<Step> {
  const start = performance.now();
  const { value, grads } = tf.valueAndGrads(loss)(inputs);
  // Reading waits for engines that work in the background.
  await grads[0].data();
  const seconds = (performance.now() - start) / 1000;
  const norm = tf.tidy(() => tf.norm(grads[0]));
  const [[lossValue], [gradient]] = await Promise.all([value.data(), norm.data()]);
  tf.dispose([value, ...grads, norm]);
  return { seconds, loss: lossValue, gradient };
}

/** `own`: the loss's arrays, flat; any number where it has none. */
function named(loss: MetricLoss, parameters: FlatParameters, labels: Int32Array): Loss {
  const relation = { kind: 'labels', labels } as const;
  return (rows, own) => {
    const views = loss.parameters.length > 0 ? parameters.views(own as tf.Tensor1D) : new Map();
    const batch =
      loss.name === 'VICRegLoss' ? twoHalves(rows, labels) : { embeddings: rows as tf.Tensor2D, relation };
    return tf.add(loss.evaluate(batch, views), tf.mul(tf.sum(own), 0));
  };
}

/** The second half of the rows as other views of the first. */
function twoHalves(rows: tf.Tensor, labels: Int32Array): LossBatch {
  const [embeddings, references] = tf.split(rows, 2) as tf.Tensor2D[];
  return {
    embeddings,
    references,
    relation: { kind: 'labels', labels: labels.subarray(0, labels.length / 2) },
  };
}

/** The two halves of the rows are two views of the items. */
function hypMix(items: number): Loss {
  const heads = [
    // The published code multiplies rows of norm 1 without dividing by their norms again.
    { space: { kind: 'innerProduct', dim: DIM }, temperature: HYP_MIX.tau_flat },
    { space: { kind: 'poincare', dim: DIM, curvature: -HYP_MIX.c }, temperature: HYP_MIX.tau_ball },
  ] as const;
  return (flat, ball) => {
    const logits = mixedLogits(heads, [flat, ball] as tf.Tensor2D[]);
    return pairSoftmax(logits, planOf({ kind: 'views', items }));
  };
}

/** Why the peer has no time. */
interface Failure {
  readonly failure: string;
}

/** Seconds of a step of a training that is under way: the mean of many, after one that does not count. */
async function burst(one: () => Promise<Step>): Promise<number> {
  await settle();
  await one();
  let [total, steps] = [0, 0];
  for (; steps === 0 || (total < BURST && steps < 50); steps++) total += (await one()).seconds;
  return total / steps;
}

/** In-turn rounds of both sides, each once untimed before. */
async function compete(
  peer: Peer,
  rounds: number,
  ours: () => Promise<Step>,
  check: boolean,
  name: string,
): Promise<[number[], number[]] | Failure> {
  const mine = await ours();
  // Twice: some of the peer's losses fail in the second step, as others do for want of memory in the first.
  const first = await peer.ask<Partial<Failure> & Step>({});
  const theirs = first.failure ? first : await peer.ask<Partial<Failure> & Step>({});
  if (theirs.failure) return { failure: theirs.failure };
  for (const key of ['loss', 'gradient'] as const) {
    if (!check || Math.abs(mine[key] - theirs[key]) <= AGREEMENT * Math.max(1e-3, Math.abs(theirs[key])))
      continue;
    throw new DomainError(`bench losses: ${name}: the peer's ${key} is ${theirs[key]}, ours ${mine[key]}`);
  }
  const seconds = [[], []] as [number[], number[]];
  // A peer of seconds a step is told apart in two rounds.
  const enough = theirs.seconds > SLOW ? 2 : rounds;
  for (let round = 0; round < enough; round++) {
    seconds[0].push(await burst(ours));
    seconds[1].push(await burst(() => peer.ask<Step>({})));
  }
  return seconds;
}

export async function run({ quick, parts, log }: BenchContext): Promise<BenchRow[]> {
  const n = quick ? 256 : 1024;
  const rounds = quick ? 3 : 5;
  const classes = n / PER_CLASS;
  const peer = new Peer(peersPython(log, 'losses'), join(benchSources, 'losses', 'peer.py'));
  const { rows, ball, labels } = drawData(n);
  const [x, inBall] = [tf.tensor2d(rows), tf.tensor2d(ball)];
  const results: BenchRow[] = [];
  try {
    const threads = availableParallelism();
    const versions = await peer.ask<Record<string, string>>({ embeddings: rows, ball, labels, threads });
    const label = `pytorch-metric-learning ${versions['pytorch-metric-learning']}, torch ${versions['torch']}`;
    const wanted = (name: string) => parts.length === 0 || parts.includes(name);
    for (const { name, ours, peer: options, drawn } of casesFor(classes, DIM).filter((c: Case) =>
      wanted(c.name),
    )) {
      log(`${name} ...`);
      const loss = createLoss(name as LossName, ours as never, { classes, columns: DIM });
      const parameters = new FlatParameters(loss.parameters, new Rng(1));
      const own = loss.parameters.length > 0 ? parameters.flat : tf.zeros([1]);
      await peer.ask({ name, options });
      const evaluate = named(loss, parameters, Int32Array.from(labels));
      const outcome = await compete(peer, rounds, () => step(evaluate, [x, own]), !drawn, name);
      parameters.dispose();
      loss.dispose();
      if ('failure' in outcome) log(`${name}: the peer fails: ${outcome.failure}`);
      else {
        const result = benchRow(`${name}, ${n} x ${DIM}, loss and gradient`, label, ...outcome);
        log(`  ours / peer ${(result.ours / result.peer).toPrecision(3)}`);
        results.push(result);
      }
    }
    if (wanted('HypMix')) {
      log('HypMix ...');
      await peer.ask({ name: 'HypMix', options: { items: n / 2, views: 2, ...HYP_MIX } });
      const evaluate = hypMix(n / 2);
      const outcome = await compete(peer, rounds, () => step(evaluate, [x, inBall]), true, 'HypMix');
      const published = `published loop, torch ${versions['torch']}`;
      if ('failure' in outcome) log(`HypMix: the peer fails: ${outcome.failure}`);
      else
        results.push(benchRow(`HypMix, ${n} x (${DIM} + ${DIM}), loss and gradient`, published, ...outcome));
    }
  } finally {
    peer.close();
    tf.dispose([x, inBall]);
  }
  const named35 = results.filter(({ case: name }) => !name.startsWith('HypMix'));
  if (named35.length > 0) {
    const ratios = named35.map(({ ours, peer: theirs }) => ours / theirs);
    log(
      `ours / peer: median ${quantile(ratios, 0.5).toPrecision(3)}, worst ${Math.max(...ratios).toPrecision(3)}`,
    );
  }
  return results;
}
