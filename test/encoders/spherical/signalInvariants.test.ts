import { beforeAll, describe, expect, it } from 'vitest';
import { signalInvariants } from '../../../src/encoders/spherical/signalInvariants.js';
import { rowTables } from '../../../src/encoders/spherical/signalRows.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(async () => {
  await openEngine();
});

describe('signalInvariants', () => {
  it('is the scalars with their signs and the root mean squares of the vectors, by hand', () => {
    // Two channels of one item: scalars -2 and 5, vectors (1, 2, 2) and 0.
    const rows = tf.tensor3d([-2, 5, 1, 0, 2, 0, 2, 0], [4, 2, 1]);
    const tables = rowTables(1);
    const found = tf.tidy(() => signalInvariants(rows, { degree: 1, channels: 2 }, tables));
    expect(found.shape).toEqual([1, 4]);
    [-2, 5, Math.sqrt(3), 0].forEach((value, at) => {
      expect(found.dataSync()[at]).toBeCloseTo(value, 6);
    });
    tf.dispose([rows, found]);
    tables.dispose();
  });

  it('of scalars alone is the scalars, an item a row', () => {
    const rows = tf.tensor3d([1, 2, 3, -4, -5, -6], [1, 2, 3]);
    const tables = rowTables(0);
    const found = tf.tidy(() => signalInvariants(rows, { degree: 0, channels: 2 }, tables));
    expect(Array.from(found.dataSync())).toEqual([1, -4, 2, -5, 3, -6]);
    tf.dispose([rows, found]);
    tables.dispose();
  });
});
