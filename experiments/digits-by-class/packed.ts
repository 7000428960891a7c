import { type EnsembleMember, matrix, type Space } from '../../src/index.js';

/** Vectors as text, so that they lie beside the other results of a slice. */
export interface Packed {
  readonly space: Space;
  readonly rows: number;
  readonly columns: number;
  /** float32, little-endian, base64 */
  readonly data: string;
}

export function packed({ space, vectors: { data, rows, columns } }: EnsembleMember): Packed {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { space, rows, columns, data: bytes.toString('base64') };
}

export function unpacked({ space, rows, columns, data }: Packed): EnsembleMember {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
  return { space, vectors: matrix(new Float32Array(bytes.buffer), rows, columns) };
}
