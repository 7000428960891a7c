import { loadNative, type Native } from '../../src/native/index.js';

/** Bytes of a block that share a checksum: of what damage spoils, no more is lost. */
export const SUM_PIECE = 1 << 16;

export const pieceCount = (bytes: number): number => Math.ceil(bytes / SUM_PIECE);

let table: Uint32Array | undefined;

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    let sum = i;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0);
    return sum >>> 0;
  });
}

/**
 * CRC-32C of bytes that follow others, 0..2^32-1.
 * @param before the sum of those; 0 for none
 * @param native null: TypeScript adds, some twenty times slower
 * @source RFC 3720, section 12.1 and appendix B.4
 */
export function crc32c(
  bytes: Uint8Array,
  before = 0,
  native: Pick<Native, 'crc32c'> | null = loadNative() ?? null,
): number {
  if (native) return native.crc32c(bytes, before);
  table ??= makeTable();
  let sum = ~before;
  for (const byte of bytes) sum = (sum >>> 8) ^ table[(sum ^ byte) & 255];
  return ~sum >>> 0;
}

/** The sums of a block that comes in parts of any size. */
export class PieceSums {
  readonly sums: number[] = [];
  private open = 0;
  private filled = 0;

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const part = bytes.subarray(at, at + SUM_PIECE - this.filled);
      this.open = crc32c(part, this.open);
      this.filled += part.byteLength;
      at += part.byteLength;
      if (this.filled === SUM_PIECE) this.finishPiece();
    }
  }

  /** After the last part. */
  finish(): readonly number[] {
    if (this.filled > 0) this.finishPiece();
    return this.sums;
  }

  private finishPiece(): void {
    this.sums.push(this.open);
    this.open = 0;
    this.filled = 0;
  }
}
