import {
  convEncoder,
  type Decoder,
  type EquivariantEncoder,
  type InvariantAutoencoder,
  imageDecoder,
  imageLayout,
  imageRotations,
  invariantAutoencoder,
  orientedEncoder,
  polarCnn,
  steerableCnn,
  tf,
  trivialBatch,
} from '../../src/index.js';
import type { Settings } from './settings.js';

type Images = tf.Tensor4D;
/** ψ's directions [n, 2]; null for the classical autoencoder. */
export type Element = tf.Tensor2D | null;
export type DigitAutoencoder = InvariantAutoencoder<Images, Element, Element>;

export type ArmName = 'steerable' | 'polar' | 'classical';
const SIDE = 28;
const SIZE = { height: SIDE, width: SIDE };

/** Mean over pixels and images. */
export const squaredError = (output: Images, x: Images): tf.Scalar => tf.mean(tf.square(tf.sub(output, x)));

/** The three autoencoders, with the same decoder. */
export function autoencoderOf(arm: ArmName, codeDim: number, settings: Settings): DigitAutoencoder {
  const { decoderWidths: widths } = settings;
  const layout = imageLayout(SIDE, SIDE);
  const decoder: Decoder<Images> = imageDecoder({ ...SIZE, codeDim, widths });
  const turning = (encoder: EquivariantEncoder<Images, tf.Tensor2D>) =>
    invariantAutoencoder({
      ...{ layout, encoder, decoder, error: squaredError },
      group: imageRotations,
    });
  switch (arm) {
    case 'steerable':
      return turning(
        steerableCnn({ ...SIZE, ...settings.steerable, codeDim }),
      ) as unknown as DigitAutoencoder;
    case 'polar': {
      const channels = [...settings.polarWidths, codeDim / 2] as const;
      const encoder = polarCnn({ ...SIZE, radii: 16, angles: 32, channels });
      return turning(orientedEncoder(encoder)) as unknown as DigitAutoencoder;
    }
    case 'classical':
      return invariantAutoencoder({
        ...{ layout, decoder, error: squaredError },
        encoder: convEncoder({ ...SIZE, widths: settings.classicalWidths[codeDim], codeDim }),
        group: trivialBatch<Images>(),
      }) as unknown as DigitAutoencoder;
  }
}

/** Trained numbers, batch norms' included. */
export function parameterCount({ parameters, batchNorms }: DigitAutoencoder): number {
  const arrays = parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  return [...arrays, ...batchNorms.map(({ channels }) => 2 * channels)].reduce((a, b) => a + b, 0);
}
