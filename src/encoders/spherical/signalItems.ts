import { requireLength } from '../../core/checks.js';
import * as tf from '../../engine/tf.js';
import { coefficientCount, type Multiplicities } from '../../symmetry/so3/degrees.js';
import { rowCount, type SignalShape } from './signalRows.js';

/** Between items in a row of coefficients each, as data has them, and the rows that layers take. */
export interface SignalItems {
  /** Numbers of an item. */
  readonly columns: number;
  /** As many channels at each degree as the degree with the most has; the others' last ones are zero. */
  readonly shape: SignalShape;
  /** [batch, columns] -> [(degree + 1)², channels, batch]. Call inside tidy. */
  toRows(items: tf.Tensor2D): tf.Tensor3D;
  /** Back; channels that items do not have are left out. Call inside tidy. */
  toItems(rows: tf.Tensor3D): tf.Tensor2D;
  dispose(): void;
}

/**
 * @param multiplicities channels at each degree, in the order of a row of coefficients that `Multiplicities` says
 * @throws UsageError for a degree above the tables or a broken count
 */
export function signalItems(multiplicities: Multiplicities): SignalItems {
  const columns = coefficientCount(multiplicities);
  const shape = { degree: multiplicities.length - 1, channels: Math.max(1, ...multiplicities) };
  const rows = rowCount(shape.degree);
  const places = placesOf(multiplicities, shape.channels);
  const plain = columns === rows;
  const tables = tf.tidy(() => ({
    ofRows: tf.keep(tf.tensor1d(places.ofRows, 'int32')),
    ofItems: tf.keep(tf.tensor1d(places.ofItems, 'int32')),
  }));
  return {
    columns,
    shape,
    toRows(items) {
      requireLength(items.shape[1], columns, 'spherical items, columns');
      const turned = tf.transpose(items);
      if (plain) return tf.expandDims(turned, 1);
      const padded = tf.pad(turned, [
        [0, 1],
        [0, 0],
      ]);
      return tf.reshape(tf.gather(padded, tables.ofRows), [rows, shape.channels, items.shape[0]]);
    },
    toItems(signal) {
      const flat = tf.reshape(signal, [rows * shape.channels, signal.shape[2]]) as tf.Tensor2D;
      return tf.transpose(plain ? flat : tf.gather(flat, tables.ofItems)) as tf.Tensor2D;
    },
    dispose: () => tf.dispose(Object.values(tables)),
  };
}

/** The column of each (row, channel), the one behind the last where there is none; and back. */
function placesOf(multiplicities: Multiplicities, channels: number) {
  const columns = coefficientCount(multiplicities);
  const ofRows = new Int32Array(rowCount(multiplicities.length - 1) * channels).fill(columns);
  const ofItems = new Int32Array(columns);
  let column = 0;
  multiplicities.forEach((count, l) => {
    for (let channel = 0; channel < count; channel++) {
      for (let m = 0; m <= 2 * l; m++, column++) {
        const at = (l * l + m) * channels + channel;
        ofRows[at] = column;
        ofItems[column] = at;
      }
    }
  });
  return { ofRows, ofItems };
}
