import type * as tfjs from '../../src/engine/tf.js';
import * as gyrometric from '../../src/index.js';

const { tf } = gyrometric;
const DEGREE = 2;
const COEFFICIENTS = (DEGREE + 1) ** 2;

/** Products of signals on the sphere, and an autoencoder of them. */
export const SPHERICAL_CALLS: Readonly<Record<string, () => Promise<void>>> = {
  productTables: async () => {
    const { channelProduct, productPaths, productTables } = gyrometric;
    productTables(channelProduct(productPaths(DEGREE, DEGREE), DEGREE)).dispose();
  },
  channelProducts: async () => {
    const { channelProduct, channelProducts, productPaths, productTables } = gyrometric;
    const tables = productTables(channelProduct(productPaths(DEGREE, DEGREE), DEGREE));
    tf.tidy(() => {
      const rows = tf.randomNormal([COEFFICIENTS, 3]) as tfjs.Tensor2D;
      tf.grad((x) => tf.sum(channelProducts(tables, x as tfjs.Tensor2D)))(rows);
    });
    tables.dispose();
  },
  trainSphericalAutoencoder: async () => {
    const autoencoder = gyrometric.sphericalAutoencoder({
      multiplicities: gyrometric.singleChannels(DEGREE),
      blocks: [{ degree: 1, channels: 2 }],
      codeDim: 2,
      variational: true,
    });
    const trained = await gyrometric.trainSphericalAutoencoder(autoencoder, {
      ...{ seed: 1, steps: 2 },
      nextRows: () => tf.randomNormal([4, COEFFICIENTS]) as tfjs.Tensor2D,
      learningRate: () => 1e-3,
      divergenceWeight: () => 0.1,
    });
    trained.dispose();
  },
};
