import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/core/errors.js';
import { formatSafetensors, parseSafetensors } from '../../src/core/safetensors.js';
import { acceptedLengths, survive } from './hostile.js';

const parse = (bytes: Uint8Array) => parseSafetensors(bytes, 'w.safetensors');

function file(header: unknown, data: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}
const entry = (shape: unknown, from: unknown, to: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

const TWO = [
  { name: 'a/kernel', shape: [2, 3], data: Float32Array.of(1, -0, 3, Number.NaN, 1e-45, 6) },
  { name: 'größe', shape: [], data: Float32Array.of(7) },
];

describe('safetensors', () => {
  it('gives back names, shapes, values and metadata', () => {
    const bytes = formatSafetensors(TWO, { format: 'test' });
    expect(parse(bytes)).toEqual({ tensors: TWO, metadata: { format: 'test' } });
    expect(parse(formatSafetensors([], {})).tensors).toEqual([]);
  });

  it('gives back any arrays', () => {
    const tensor = fc
      .tuple(fc.string({ minLength: 1 }), fc.array(fc.nat({ max: 4 }), { maxLength: 4 }))
      .filter(([name]) => !name.startsWith('__'));
    fc.assert(
      fc.property(fc.uniqueArray(tensor, { selector: ([name]) => name, maxLength: 6 }), (specs) => {
        const tensors = specs.map(([name, shape], k) => ({
          name,
          shape,
          data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(k),
        }));
        const back = parse(formatSafetensors(tensors, {})).tensors;
        const byName = (list: typeof tensors) => new Map(list.map((t) => [t.name, t]));
        expect(byName(back as typeof tensors)).toEqual(byName(tensors));
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('begins the data on a multiple of 8, as the format asks', () => {
    for (let length = 1; length < 20; length++) {
      const bytes = formatSafetensors(
        [{ name: 'x'.repeat(length), shape: [1], data: Float32Array.of(2) }],
        {},
      );
      expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
      expect(parse(bytes).tensors[0].data[0]).toBe(2);
    }
  });

  it('reads a file put together by the text of the format', () => {
    const bytes = file(
      { x: entry([1, 2], 4, 12), y: entry([1], 0, 4) },
      [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64],
    );
    const { tensors, metadata } = parse(bytes);
    expect(tensors).toEqual([
      { name: 'x', shape: [1, 2], data: Float32Array.of(2, 3) },
      { name: 'y', shape: [1], data: Float32Array.of(1) },
    ]);
    expect(metadata).toEqual({});
  });

  const eight = new Uint8Array(8);
  it.each([
    ['an empty file', new Uint8Array(0), /a safetensors file, got "0 bytes"/],
    ['a header beyond the file', file('{}').with(0, 200), /a complete header/],
    ['a header of 2^63 bytes', file('{}').with(7, 128), /a complete header/],
    ['no JSON', file('{'), /a JSON header/],
    ['text that is not UTF-8', file('{"a":1}').with(10, 0xff), /a JSON header/],
    ['a list as header', file([]), /a JSON object as header/],
    ['null as header', file('null'), /a JSON object as header/],
    ['another element type', file({ x: entry([4], 0, 8, 'F16') }, eight), /dtype F32 for x, got "F16"/],
    ['null as entry', file({ x: null }), /dtype F32 for x/],
    ['a shape that is no list', file({ x: entry('2', 0, 8) }, eight), /a shape for x/],
    ['a negative size', file({ x: entry([-2], 0, 8) }, eight), /a shape for x/],
    ['half a size', file({ x: entry([0.5], 0, 2) }, [0, 0]), /a shape for x/],
    ['offsets as texts', file({ x: entry([2], '0', '8') }, eight), /two offsets for x/],
    ['negative offsets', file({ x: entry([2], -8, 0) }, eight), /two offsets for x/],
    ['one offset', file({ x: { dtype: 'F32', shape: [2], data_offsets: [8] } }, eight), /two offsets for x/],
    [
      'offsets that do not fit the shape',
      file({ x: entry([3], 0, 8) }, eight),
      /3 values inside the file for x/,
    ],
    ['offsets beyond the file', file({ x: entry([4], 0, 16) }, eight), /4 values inside the file for x/],
    ['bytes that belong to nothing', file({ x: entry([1], 0, 4) }, eight), /4 bytes of data, got 8/],
    [
      'two arrays in one place and a hole in another',
      file({ x: entry([1], 0, 4), y: entry([1], 0, 4) }, eight),
      /data without holes, the next at 4, got 0/,
    ],
    ['metadata that are not texts', file({ __metadata__: { n: 1 } }), /texts by name as __metadata__/],
    ['metadata in a list', file({ __metadata__: ['a'] }), /texts by name as __metadata__/],
  ])('refuses %s and names the file', (_, bytes, message) => {
    expect(() => parse(bytes)).toThrow(FormatError);
    expect(() => parse(bytes)).toThrow(/^w\.safetensors: expected /);
    expect(() => parse(bytes)).toThrow(message);
  });

  it('refuses every file cut short, and meets all other damage with a FormatError or whole arrays', () => {
    const bytes = formatSafetensors(TWO, { format: 'test' });
    expect(acceptedLengths(parse, bytes)).toEqual([]);
    const whole = (damaged: Uint8Array) => {
      const { tensors, metadata } = parse(damaged);
      for (const { data, shape } of tensors) expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      expect(Object.values(metadata).every((text) => typeof text === 'string')).toBe(true);
    };
    expect(survive(whole, bytes, { runs: 3000, seed: 8 })).toBeGreaterThan(1000);
  });
});
