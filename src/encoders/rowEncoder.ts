import type { Encoder } from './encoder.js';
import type { EquivariantEncoder, InvariantAutoencoder, Layout } from './invariantAutoencoder.js';

/** The invariant code of an equivariant encoder, for heads that take any encoder of rows. */
export function rowEncoder<X, F>(layout: Layout<X>, encoder: EquivariantEncoder<X, F>): Encoder {
  const { kind, codeDim, parameters, batchNorms, statistics = [] } = encoder;
  return {
    ...{ kind, codeDim, parameters, batchNorms, statistics, columns: layout.columns },
    encode: (pass, rows) => ({ code: encoder.encode(pass, layout.unpack(rows)).code }),
    dispose: () => encoder.dispose(),
  };
}

/** The same of an autoencoder, whose decoder's weights are then among its own. */
export function autoencoderRows<X, F, G>(autoencoder: InvariantAutoencoder<X, F, G>): Encoder {
  const { layout, encoder, parameters, batchNorms, statistics = [] } = autoencoder;
  return {
    ...rowEncoder(layout, encoder),
    ...{ parameters, batchNorms, statistics },
    dispose: () => autoencoder.dispose(),
  };
}
