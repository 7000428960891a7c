import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, ShapeError } from '../../src/core/errors.js';
import { formatNpy, type NpyArray, type NpyData, parseNpy } from '../../src/core/npy.js';
import { acceptedLengths, survive } from './hostile.js';

const parse = (bytes: Uint8Array) => parseNpy(bytes, 'x.npy');

/** A file put together by the text of NEP 1: magic, version, header length, header, data. */
function file(header: string, data: ArrayLike<number>, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + length + text.length + data.length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), version, 0]);
  for (let i = 0; i < length; i++) bytes[8 + i] = (text.length >> (8 * i)) & 255;
  bytes.set(text, 8 + length);
  bytes.set(data, 8 + length + text.length);
  return bytes;
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe('parseNpy', () => {
  it.each([
    ['<f4', [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0], Float32Array.of(1.5, -2)],
    ['<f8', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], Float64Array.of(1.5, -2)],
    ['<i4', [1, 2, 0, 0, 0xff, 0xff, 0xff, 0xff], Int32Array.of(513, -1)],
    ['<i8', [1, 0, 0, 0, 0, 0, 0, 0x40, ...new Array(8).fill(0xff)], BigInt64Array.of(2n ** 62n + 1n, -1n)],
    ['|u1', [7, 255], Uint8Array.of(7, 255)],
  ])('reads %s in every version of the format', (descr, data, expected) => {
    for (const version of [1, 2, 3]) {
      expect(parse(file(header(descr, '(2,)'), data, version))).toEqual({ data: expected, shape: [2] });
    }
  });

  it('reads scalars, empty arrays and many axes', () => {
    expect(parse(file(header('|u1', '()'), [9]))).toEqual({ data: Uint8Array.of(9), shape: [] });
    expect(parse(file(header('<f8', '(0, 5)'), []))).toEqual({ data: new Float64Array(0), shape: [0, 5] });
    expect(parse(file(header('|u1', '(1, 2, 1, 3)'), [1, 2, 3, 4, 5, 6])).shape).toEqual([1, 2, 1, 3]);
  });

  it('reads a header with its keys in another order and without padding', () => {
    const text = `{'shape': (2,), 'fortran_order':False,'descr':'|u1'}`;
    expect(parse(file(text, [1, 2])).data).toEqual(Uint8Array.of(1, 2));
  });

  it('reads bytes that begin anywhere in a larger buffer, and copies them', () => {
    const bytes = file(header('<f4', '(1,)'), [0, 0, 0xc0, 0x3f]);
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const { data } = parse(larger.subarray(3));
    larger.fill(0);
    expect(data).toEqual(Float32Array.of(1.5));
  });

  it.each([
    ['Fortran order', file(header('<f4', '(1, 1)', 'True'), [0, 0, 0, 0]), /expected C order/],
    ['big-endian numbers', file(header('>f4', '(1,)'), [0, 0, 0, 0]), /expected element type <f4.*got ">f4"/],
    ['texts', file(header('<U1', '(1,)'), [0, 0, 0, 0]), /got "<U1"/],
    ['Python objects', file(header('|O', '(1,)'), [0]), /got "\|O"/],
    ['a type that every object has', file(header('constructor', '(1,)'), [0]), /expected element type/],
    [
      'too few values',
      file(header('|u1', '(3,)'), [1, 2]),
      /expected 3 bytes for shape \(3,\) of \|u1, got 2/,
    ],
    ['too many values', file(header('|u1', '(3,)'), [1, 2, 3, 4]), /got 4/],
    ['a negative size', file(header('|u1', '(-1,)'), []), /a shape of whole numbers/],
    [
      'a product of sizes beyond every file',
      file(header('|u1', '(4294967296, 4294967296)'), []),
      /expected 18446744073709552000 bytes/,
    ],
    ['version 4', file(header('|u1', '(1,)'), [1], 4), /version 1, 2 or 3, got 4/],
    ['a header without shape', file(`{'descr': '|u1', 'fortran_order': False, }\n`, [1]), /a numpy header/],
    ['a pickle', Uint8Array.of(0x80, 0x04, 0x95, 0, 0, 0, 0, 0, 0, 0, 0), /a \.npy file/],
    ['an empty file', new Uint8Array(0), /0 bytes that do not begin as one/],
  ])('refuses %s and names the file', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(FormatError);
    expect(() => parse(bytes)).toThrow(/^x\.npy: expected /);
    expect(() => parse(bytes)).toThrow(message);
  });

  it('refuses every file cut short, and meets all other damage with a FormatError or a whole array', () => {
    for (const version of [1, 2]) {
      const bytes = file(header('<f4', '(2, 3)'), new Uint8Array(24), version);
      expect(acceptedLengths(parse, bytes)).toEqual([]);
      const whole = (damaged: Uint8Array) => {
        const { data, shape } = parse(damaged);
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      };
      expect(survive(whole, bytes, { runs: 3000, seed: 7 })).toBeGreaterThan(1000);
    }
  });
});

describe('formatNpy', () => {
  it('writes the very bytes of numpy.save(f, numpy.array([[1.5, -2]], "<f4"))', () => {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }`.padEnd(117);
    const expected = file(`${text}\n`, [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0]);
    expect(formatNpy({ data: Float32Array.of(1.5, -2), shape: [1, 2] })).toEqual(expected);
  });

  it('is undone by parseNpy for every type and shape, NaN and -0 included', () => {
    const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 5 });
    const makers: ((n: number) => NpyData)[] = [
      (n) => Float32Array.from({ length: n }, (_, i) => [Number.NaN, -0, 1e-45, i][i % 4]),
      (n) => Float64Array.from({ length: n }, (_, i) => [Number.NaN, -0, 5e-324, -i][i % 4]),
      (n) => Int32Array.from({ length: n }, (_, i) => i - 2 ** 31),
      (n) => BigInt64Array.from({ length: n }, (_, i) => BigInt(i) - 2n ** 63n),
      (n) => Uint8Array.from({ length: n }, (_, i) => 255 - i),
    ];
    fc.assert(
      fc.property(shapes, fc.constantFrom(...makers), (shape, make) => {
        const array: NpyArray = { data: make(shape.reduce((a, b) => a * b, 1)), shape };
        const bytes = formatNpy(array);
        expect((bytes.length - array.data.byteLength) % 64).toBe(0);
        expect(parse(bytes)).toEqual(array);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('writes a view alone, not the buffer around it', () => {
    const data = Int32Array.of(1, 2, 3, 4).subarray(1, 3);
    expect(parse(formatNpy({ data, shape: [2] })).data).toEqual(Int32Array.of(2, 3));
  });

  it('refuses a shape that does not fit its values', () => {
    expect(() => formatNpy({ data: new Float32Array(5), shape: [2, 3] })).toThrow(ShapeError);
  });
});
