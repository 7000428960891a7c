import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AdamW, type EquivariantEncoder, Network, Rng, steerableCnn, tf } from '../../../src/index.js';
import { type BenchContext, type BenchRow, benchRow, settle } from '../bench.js';
import { benchSources, Peer } from '../peers.js';

const ROTATIONS = 8;
const CODE = 32;
const BATCH = 64;
/** Seconds of steps in a row that are timed. */
const BURST = 1;
const SIDE = 28;

/** Regular fields after the three convolutions, and of frequencies 0 to 3 after the last: 7 numbers each. */
const SIZES = {
  narrow: { fields: [4, 8, 8, 16], of: '32-64-64-112 channels' },
  wide: { fields: [8, 16, 16, 16], of: '64-128-128-112 channels' },
} as const;

/** Seconds of a training step: value, gradient, clipping, Adam. */
type Step = () => Promise<number>;

function ourStep(encoder: EquivariantEncoder<tf.Tensor4D, tf.Tensor2D>, images: tf.Tensor4D) {
  const network = new Network([encoder], new Rng(1));
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0.5 };
  const optimizer = new AdamW(network.parameters, options);
  const step: Step = async () => {
    const start = performance.now();
    const { value, gradient } = network.gradient((pass) => {
      const { code, features } = encoder.encode(pass, images);
      return tf.add(tf.mean(tf.square(code)), tf.mean(tf.square(features)));
    });
    optimizer.apply(gradient, 1e-3);
    // Reading waits for engines that work in the background.
    await value.data();
    tf.dispose([value, gradient]);
    return (performance.now() - start) / 1000;
  };
  const dispose = () => {
    optimizer.dispose();
    network.dispose();
    encoder.dispose();
  };
  return { step, dispose };
}

/** Seconds of a step of a training that is under way: the mean of many, after two that do not count. */
async function burst(step: Step): Promise<number> {
  await settle();
  await step();
  await step();
  let [total, steps] = [0, 0];
  for (; total < BURST; steps++) total += await step();
  return total / steps;
}

/**
 * A training step of `steerableCnn` on 64 images of 28 x 28 beside that of a plain PyTorch network with as many channels, in
 * PyTorch's faster layout, and beside escnn's steerable network where the peers' Python has escnn. escnn's list of
 * packages needs a Fortran compiler; without one: pip install --no-deps escnn lie_learn pymanopt joblib.
 */
export async function run({ quick, parts, python, log }: BenchContext): Promise<BenchRow[]> {
  const peer = new Peer(python(), join(benchSources, 'encoders', 'peer.py'));
  const images = tf.tidy(() => tf.keep(tf.randomUniform([BATCH, SIDE, SIDE, 1]) as tf.Tensor4D));
  const rounds = quick ? 3 : 7;
  const peerStep: Step = async () => (await peer.ask<{ seconds: number }>({})).seconds;
  const rows: BenchRow[] = [];
  try {
    const versions = await peer.ask<Record<string, string>>({ threads: availableParallelism() });
    if (!versions['escnn']) log('escnn is not among the peers: its rows are left out');
    for (const [size, { fields, of }] of Object.entries(SIZES)) {
      if (parts.length > 0 && !parts.includes(size)) continue;
      const widths = fields.map((n, i) => n * (i === 3 ? ROTATIONS - 1 : ROTATIONS));
      const ours = ourStep(
        steerableCnn({ height: SIDE, width: SIDE, rotations: ROTATIONS, fields, codeDim: CODE }),
        images,
      );
      const plain = { network: 'plain', options: { widths, outputs: CODE }, batch: BATCH };
      const networks = [
        { label: `plain network, torch ${versions['torch']}`, question: { ...plain, channelsLast: false } },
        {
          label: `plain network, channels last, torch ${versions['torch']}`,
          question: { ...plain, channelsLast: true },
        },
      ];
      if (versions['escnn']) {
        const options = {
          rotations: ROTATIONS,
          fields: fields.slice(0, 3),
          last: ROTATIONS * fields[3],
          outputs: CODE,
        };
        networks.push({
          label: `steerable network, escnn ${versions['escnn']}`,
          question: { network: 'escnn', options, batch: BATCH, channelsLast: false } as never,
        });
      }
      for (const { label, question } of networks) {
        log(`${size}, ${label} ...`);
        await peer.ask(question);
        const seconds: [number[], number[]] = [[], []];
        for (let round = 0; round < rounds; round++) {
          seconds[0].push(await burst(ours.step));
          seconds[1].push(await burst(peerStep));
        }
        rows.push(benchRow(`training step, C_8, ${of}`, label, ...seconds));
      }
      ours.dispose();
    }
  } finally {
    peer.close();
    images.dispose();
  }
  return rows;
}
