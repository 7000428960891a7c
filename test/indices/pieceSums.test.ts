import { describe, expect, it } from 'vitest';
import { crc32c, PieceSums, pieceCount, SUM_PIECE } from '../../indices/format/pieceSums.js';
import { Rng } from '../../src/core/rng.js';
import { addon, available } from '../native/addon.js';

const ways = [null, ...(available ? [addon()] : [])];
const rng = new Rng(2);
const random = Uint8Array.from({ length: 3 * SUM_PIECE + 77 }, () => rng.below(256));

describe.each(ways)('CRC-32C, way %#', (native) => {
  it('is what RFC 3720 says of 32 bytes, and the check value of the catalogues', () => {
    expect(crc32c(new TextEncoder().encode('123456789'), 0, native)).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32), 0, native)).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255), 0, native)).toBe(0x62a8ab43);
    expect(
      crc32c(
        Uint8Array.from({ length: 32 }, (_, i) => i),
        0,
        native,
      ),
    ).toBe(0x46dd794e);
    expect(crc32c(new Uint8Array(0), 0, native)).toBe(0);
  });

  it('goes on where it was left', () => {
    for (const at of [0, 1, 7, 8, 100, 4099]) {
      const before = crc32c(random.subarray(0, at), 0, native);
      expect(crc32c(random.subarray(at), before, native)).toBe(crc32c(random, 0, ways[0]));
    }
  });
});

it('sums of pieces do not depend on the parts that they come in', () => {
  const whole = new PieceSums();
  whole.update(random);
  const parts = new PieceSums();
  for (let at = 0; at < random.length; at += 10_007) parts.update(random.subarray(at, at + 10_007));
  expect(parts.finish()).toEqual(whole.finish());
  expect(whole.sums).toHaveLength(pieceCount(random.length));
  expect(whole.sums[3]).toBe(crc32c(random.subarray(3 * SUM_PIECE)));
  expect(new PieceSums().finish()).toEqual([]);
});
