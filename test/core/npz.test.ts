import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.js';
import { formatNpy } from '../../src/core/npy.js';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { acceptedLengths, survive } from './hostile.js';

const parse = (bytes: Uint8Array) => parseNpz(bytes, 'e.npz');
const ARRAYS = {
  ids: { data: BigInt64Array.of(5n, -1n, 2n ** 40n), shape: [3] },
  vectors: { data: Float32Array.of(1, 2, 3, 4, 5, Number.NaN), shape: [3, 2] },
};

/** numpy 2.4.6: numpy.savez(f, ids=numpy.array([1, -1], "<i8")). Its local headers leave the sizes to zip64 fields. */
const SAVEZ = Buffer.from(
  'UEsDBC0AAAAAAAAAIQAE+1/v//////////8HABQAaWRzLm5weQEAEACQAAAAAAAAAJAAAAAAAAAAk05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2Zv' +
    'cnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg' +
    'ICAgICAgICAgIAoBAAAAAAAAAP//////////UEsBAi0DLQAAAAAAAAAhAAT7X++QAAAAkAAAAAcAAAAAAAAAAAAAAIABAAAAAGlkcy5ucHlQSwUGAAAA' +
    'AAEAAQA1AAAAyQAAAAAA',
  'base64',
);
/** numpy.savez_compressed(f, x=numpy.arange(6, dtype="<f4").reshape(2, 3), label=numpy.array([3, 250], "u1")). */
const COMPRESSED = Buffer.from(
  'UEsDBC0AAAAIAAAAIQBP6QAq//////////8FABQAeC5ucHkBABAAmAAAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9U' +
    'UpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYwaLAHEg5ABMQNQLzAAQBQSwMELQAAAAgAAAAhAM4aNd7//////////wkAFABsYWJl' +
    'bC5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoK' +
    'tQoUAC7mXwBQSwECLQMtAAAACAAAACEAT+kAKlUAAACYAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAzho13kYAAACCAAAA' +
    'CQAAAAAAAAAAAAAAgAGMAAAAbGFiZWwubnB5UEsFBgAAAAACAAIAagAAAA0BAAAAAA==',
  'base64',
);

describe('npz', () => {
  it('gives back names, shapes and values', () => {
    expect(parse(formatNpz(ARRAYS))).toEqual(ARRAYS);
    expect(parse(formatNpz({}))).toEqual({});
  });

  it('is the same bytes from run to run', () => {
    expect(formatNpz(ARRAYS)).toEqual(formatNpz(ARRAYS));
  });

  it('reads what numpy.savez and numpy.savez_compressed wrote', () => {
    expect(parse(SAVEZ)).toEqual({ ids: { data: BigInt64Array.of(1n, -1n), shape: [2] } });
    expect(parse(COMPRESSED)).toEqual({
      x: { data: Float32Array.of(0, 1, 2, 3, 4, 5), shape: [2, 3] },
      label: { data: Uint8Array.of(3, 250), shape: [2] },
    });
  });

  it('passes over files that are not .npy', () => {
    const x = formatNpy({ data: Uint8Array.of(1), shape: [1] });
    expect(Object.keys(parse(zipSync({ 'readme.txt': x, 'x.npy': x })))).toEqual(['x']);
  });

  it('refuses what is no zip, and names the array that is no .npy', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), formatNpy(ARRAYS.ids)]) {
      expect(() => parse(bytes)).toThrow(FormatError);
      expect(() => parse(bytes)).toThrow(/^e\.npz: expected a \.npz file/);
    }
    const foreign = zipSync({ 'x.npy': new TextEncoder().encode('not an array') });
    expect(() => parse(foreign)).toThrow(FormatError);
    expect(() => parse(foreign)).toThrow(/^e\.npz x\.npy: expected a \.npy file/);
  });

  it('refuses every file cut short, and meets all other damage with a FormatError or whole arrays', () => {
    for (const bytes of [formatNpz(ARRAYS), new Uint8Array(SAVEZ), new Uint8Array(COMPRESSED)]) {
      expect(acceptedLengths(parse, bytes)).toEqual([]);
      const whole = (damaged: Uint8Array) => {
        for (const { data, shape } of Object.values(parse(damaged)))
          expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      };
      expect(survive(whole, bytes, { runs: 300, seed: 9 })).toBeGreaterThan(500);
    }
  });

  it('refuses a directory of many entries that all name one large file', () => {
    const bytes = formatNpz({ x: { data: new Uint8Array(1e6), shape: [1e6] } });
    const end = bytes.length - 22;
    const start = new DataView(bytes.buffer).getUint32(end + 16, true);
    const entries = 1000;
    const bomb = new Uint8Array(start + entries * (end - start) + 22);
    bomb.set(bytes.subarray(0, start));
    for (let i = 0; i < entries; i++) bomb.set(bytes.subarray(start, end), start + i * (end - start));
    bomb.set(bytes.subarray(end), bomb.length - 22);
    for (const at of [8, 10]) new DataView(bomb.buffer).setUint16(bomb.length - 22 + at, entries, true);
    expect(() => parse(bomb)).toThrow(FormatError);
  });

  it('refuses at once a zip64 directory of four billion entries', () => {
    const bytes = new Uint8Array(56 + 20 + 22);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x06064b50, true);
    view.setUint32(32, 0xffffffff, true);
    view.setUint32(56, 0x07064b50, true);
    view.setUint32(76, 0x06054b50, true);
    view.setUint16(84, 65535, true);
    view.setUint16(86, 65535, true);
    view.setUint32(92, 0xffffffff, true);
    expect(() => parse(bytes)).toThrow(FormatError);
  });

  it('refuses gigabytes claimed for a few compressed bytes', () => {
    const bytes = zipSync({ 'x.npy': formatNpy({ data: new Uint8Array(100), shape: [100] }) });
    const directory = new DataView(bytes.buffer).getUint32(bytes.length - 22 + 16, true);
    new DataView(bytes.buffer).setUint32(directory + 24, 0xf0000000, true);
    expect(() => parse(bytes)).toThrow(FormatError);
  });

  it('refuses a flipped bit in the values, which the layout alone would not show', () => {
    for (const make of [formatNpz(ARRAYS), new Uint8Array(SAVEZ)]) {
      const bytes = make.slice();
      const directory = new DataView(bytes.buffer).getUint32(bytes.length - 22 + 16, true);
      bytes[directory - 3] ^= 1;
      expect(() => parse(bytes)).toThrow(/checksum/);
    }
  });
});
