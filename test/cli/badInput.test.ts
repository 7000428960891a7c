import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpz, parseNpz } from '../../src/core/npz.js';
import { TINY, writeDigits, writeNpy } from './inputs.js';
import { gyrometric, listing, sentenceOf } from './run.js';

const N = 12;
const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bad-'));
const at = (name: string) => join(folder, name);
let before: string[];

beforeAll(async () => {
  writeDigits(folder, N);
  writeConfigs();
  writeImages();
  const trained = await gyrometric(['train', 'good.json', '--out', 'model'], { cwd: folder });
  const embedded = await gyrometric(
    ['embed', 'model', 'digits.npy', '--labels', 'labels.npy', '--out', 'E.npz'],
    {
      cwd: folder,
    },
  );
  const indexed = await gyrometric(
    ['index', 'build', '--vectors', 'E.npz', '--space', 'model/space.json', '--out', 'good.gyro'],
    { cwd: folder },
  );
  expect([trained.code, embedded.code, indexed.code]).toEqual([0, 0, 0]);
  writeModels();
  writeVectors();
  writeIds();
  writeFileSync(at('file'), 'a file in the way');
  mkdirSync(at('foreign'));
  writeFileSync(at('foreign/letters.txt'), 'mine');
  before = listing(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeConfigs(): void {
  const config = (name: string, more: object) =>
    writeFileSync(at(`${name}.json`), JSON.stringify({ ...TINY, ...more }));
  config('good', {});
  config('unknownKey', { colour: 'red' });
  config('unknownNestedKey', { training: { steps: 4, momentum: 0.9 } });
  config('wrongType', { training: { steps: 'many' } });
  config('wrongChoice', { encoder: { kind: 'resnet' } });
  config('wrongRange', { heads: { poincare: { curvature: 1 } } });
  config('laterVersion', { schemaVersion: 2 });
  config('manyClasses', { training: { steps: 4, perClass: 2, classesPerBatch: 50 } });
  config('diverging', { training: { steps: 9, perClass: 2, warmup: 0, reportEvery: 1, learningRate: 1e30 } });
  writeFileSync(at('text.json'), 'steps: 4');
}

function writeImages(): void {
  const image = (name: string, change: (pixels: Float32Array) => void) => {
    const pixels = new Float32Array(2 * 784);
    change(pixels);
    writeNpy(at(name), pixels, [2, 28, 28]);
  };
  image('bright.npy', (pixels) => pixels.fill(255, 784));
  image('nan.npy', (pixels) => pixels.fill(Number.NaN, 784));
  writeNpy(at('flat.npy'), new Uint8Array(784), [784]);
  writeNpy(at('colour.npy'), new Uint8Array(3 * 784), [1, 28, 28, 3]);
  writeNpy(at('small.npy'), new Uint8Array(2 * 196), [2, 14, 14]);
  writeNpy(at('double.npy'), new Float64Array(784), [1, 28, 28]);
  writeNpy(at('none.npy'), new Uint8Array(0), [0, 28, 28]);
  writeFileSync(at('text.npy'), 'no array');
}

function writeModels(): void {
  const model = (name: string) => {
    cpSync(at('model'), at(name), { recursive: true });
    return join(folder, name, 'weights.safetensors');
  };
  const damaged = model('damaged');
  const bytes = readFileSync(damaged);
  bytes[bytes.length - 9] ^= 255;
  writeFileSync(damaged, bytes);
  model('later');
  const manifest = JSON.parse(readFileSync(at('later/manifest.json'), 'utf8'));
  writeFileSync(at('later/manifest.json'), JSON.stringify({ ...manifest, schemaVersion: 2 }));
  mkdirSync(at('empty'));
  mkdirSync(at('random'));
  for (const name of listing(at('model'))) {
    writeFileSync(join(folder, 'random', name), Uint8Array.of(7, 200, 31, 0, 255));
  }
}

function writeVectors(): void {
  const { labels: _, ...unlabelled } = parseNpz(readFileSync(at('E.npz')), 'E.npz');
  writeFileSync(at('unlabelled.npz'), formatNpz(unlabelled));
  const { vectors } = unlabelled;
  const good = vectors.data as Float32Array;
  const changed = (name: string, change: (data: Float32Array) => void) => {
    const data = good.slice();
    change(data);
    writeNpy(at(name), data, [N, 8]);
  };
  changed('V.npy', () => {});
  // Row 2 = values 16..23: four of the cosine head, then four of the ball, whose radius is 1.
  changed('vNan.npy', (data) => data.fill(Number.NaN, 17, 18));
  changed('vOutside.npy', (data) => data.fill(1.2, 20, 21));
  changed('vZero.npy', (data) => data.fill(0, 16, 20));
  writeNpy(at('vNarrow.npy'), good.slice(0, 7 * N), [N, 7]);
  writeNpy(at('vFlat.npy'), good, [8 * N]);
  writeNpy(at('vWhole.npy'), Int32Array.from(good), [N, 8]);
  const index = readFileSync(at('good.gyro'));
  writeFileSync(at('cut.gyro'), index.subarray(0, 300));
  index[index.length - 50] ^= 255;
  writeFileSync(at('damaged.gyro'), index);
  writeFileSync(at('flat.json'), JSON.stringify({ kind: 'euclidean', dim: 8 }));
  writeFileSync(at('unknownSpace.json'), JSON.stringify({ kind: 'torus', dim: 8 }));
}

function writeIds(): void {
  const ids = (name: string, change: (data: BigInt64Array) => void) => {
    const data = BigInt64Array.from({ length: N }, (_, i) => BigInt(10 * i));
    change(data);
    writeNpy(at(name), data, [N]);
  };
  ids('twice.npy', (data) => data.fill(20n, 3, 4));
  ids('negative.npy', (data) => data.fill(-5n, 3, 4));
  writeNpy(at('few.npy'), new BigInt64Array(N - 1), [N - 1]);
  writeNpy(at('real.npy'), new Float32Array(N), [N]);
}

/** Words of a command, its exit code, what its one sentence must say. */
type Case = readonly [command: string, code: 1 | 2, sentence: RegExp];

function refuses(cases: readonly Case[]): void {
  it.concurrent.each(cases)('%s', async (command, code, sentence) => {
    const outcome = await gyrometric(command.split(' '), { cwd: folder });
    expect(sentenceOf(outcome)).toMatch(sentence);
    expect(outcome.code).toBe(code);
  });
}

describe('train refuses', () => {
  refuses([
    ['train absent.json --out made', 2, /^config: .*file that exists, got "absent.json"; check the path/],
    ['train text.json --out made', 1, /^config text.json: expected JSON, got "steps: 4"; correct the file/],
    ['train unknownKey.json --out made', 2, /^unknownKey.json: .*known keys only, got "colour"; see /],
    ['train unknownNestedKey.json --out made', 2, /: training: .*known keys only, got "momentum"; see /],
    ['train wrongType.json --out made', 2, /: training.steps: expected number, got "many"; see /],
    ['train wrongChoice.json --out made', 2, /: encoder.kind: expected .*polarCnn.*, got "resnet"; see /],
    ['train wrongRange.json --out made', 2, /: heads.poincare.curvature: expected .*<0, got 1; see /],
    ['train laterVersion.json --out made', 2, /: schemaVersion: expected 1, got 2; see /],
    ['train manyClasses.json --out made', 2, /expected .*50 classes, got 10; lower training.classesPerBatch/],
    ['train diverging.json --out made', 1, /expected a finite loss, got .*; lower training.learningRate/],
    ['train good.json --out foreign', 2, /^foreign: expected .*, got "a folder with other files"; choose/],
    ['train good.json --out file', 2, /^file: expected a folder to write, got "a file"; choose/],
    ['train good.json --out file/made', 2, /^file\/made: .*the file .*file on the way"; choose/],
  ]);
});

describe('embed refuses', () => {
  refuses([
    ['embed absent digits.npy --out made.npz', 2, /expected a model folder, got "absent"; check the path/],
    ['embed empty digits.npy --out made.npz', 1, /^model empty: .*manifest.json, got "none"; name a folder/],
    ['embed random digits.npy --out made.npz', 1, /random\/manifest.json: expected JSON/],
    ['embed damaged digits.npy --out made.npz', 1, /^damaged\/weights.safetensors: .*; restore the model/],
    ['embed later digits.npy --out made.npz', 1, /^model later: expected schemaVersion 1, got 2; /],
    ['embed model absent.npy --out made.npz', 2, /^images: .*file that exists, got "absent.npy"/],
    ['embed model text.npy --out made.npz', 1, /^text.npy: expected a .npy file, got "8 bytes/],
    ['embed model flat.npy --out made.npz', 2, /expected shape \[n, height, width\], got "\[784\]"/],
    ['embed model colour.npy --out made.npz', 2, /got "\[1, 28, 28, 3\]"/],
    ['embed model small.npy --out made.npz', 2, /^small.npy: expected images of 28 x 28, got "14 x 14"/],
    ['embed model double.npy --out made.npz', 2, /expected uint8 or float32, got "float64"; convert/],
    ['embed model bright.npy --out made.npz', 1, /^bright.npy image 1: .*0..1, got 255; scale/],
    ['embed model nan.npy --out made.npz', 1, /^nan.npy image 1: .*0..1, got NaN; /],
    ['embed model none.npy --out made.npz', 2, /^none.npy: expected at least one image, got "none"/],
    ['embed model digits.npy --ids few.npy --out made.npz', 2, /^few.npy: expected shape \(12,\), got/],
    ['embed model digits.npy --ids real.npy --out made.npz', 2, /^real.npy: expected int64/],
    [
      'embed model digits.npy --ids twice.npy --out made.npz',
      2,
      /^ids: expected ids that occur once, got 20/,
    ],
    ['embed model digits.npy --ids negative.npy --out made.npz', 2, /expected an id >= 0, got -5/],
    ['embed model digits.npy --labels absent.npy --out made.npz', 2, /file that exists, got "absent.npy"/],
    ['embed model digits.npy --out file/made.npz', 2, /^file\/made.npz: .*the file .*file on the way"; /],
    ['embed model digits.npy --out foreign', 2, /^foreign: expected a file to write, got "a folder"; /],
  ]);
});

describe('index build refuses', () => {
  const build = 'index build --space model/space.json --out made.gyro --vectors';
  refuses([
    [`${build} absent.npy`, 2, /^--vectors: .*file that exists, got "absent.npy"/],
    [`${build} model`, 2, /^--vectors: .*, got "model"/],
    [`${build} text.npy`, 1, /^--vectors text.npy: expected a .npy file/],
    [`${build} vNan.npy`, 1, /row 2: expected finite numbers, got NaN; /],
    [`${build} vOutside.npy`, 1, /row 2: expected norm < 1, inside the ball, got "norm .*; project/],
    [`${build} vZero.npy`, 1, /row 2: expected a vector other than zero, got /],
    [`${build} vNarrow.npy`, 2, /^--vectors.*: expected 8 columns, .* got 7; /],
    [`${build} vFlat.npy`, 2, /vFlat.npy: expected .*\[n, columns\], got .*\[96\]/],
    [`${build} vWhole.npy`, 2, /vWhole.npy: expected float32 or float64/],
    [`${build} V.npy --ids few.npy`, 2, /expected .*12.*, got .*11/],
    [`${build} V.npy --ids twice.npy`, 2, /expected ids that occur once, got 20/],
    [`${build} V.npy --ids negative.npy`, 2, /expected an id >= 0, got -5/],
    [`${build} V.npy --ids real.npy`, 2, /real.npy: expected int64/],
    [`${build} V.npy --m 1`, 2, /m: expected a whole number in 2..512, got 1; /],
    [`${build} V.npy --threads 0`, 2, /threads: expected a whole number >= 1, got 0; /],
    [`${build} V.npy --seed x`, 2, /^--seed: expected a whole number, got "x"; /],
  ]);
  const vectors = 'index build --vectors V.npy';
  refuses([
    [`${vectors} --space absent.json --out made.gyro`, 2, /^--space: .*file that exists, got "absent.json"/],
    [`${vectors} --space text.json --out made.gyro`, 1, /text.json: expected JSON/],
    [`${vectors} --space unknownSpace.json --out made.gyro`, 2, /kind: expected one of .*, got "torus"; /],
    [
      `${vectors} --space model/space.json --out file/made.gyro`,
      2,
      /file.*expected a .*folder.*, got .*file/,
    ],
    [`${vectors} --space model/space.json --out foreign`, 2, /^foreign: expected a file.*, got .*a folder/],
  ]);
});

describe('index query and info refuse', () => {
  const query = 'index query good.gyro --out made.npz --queries';
  refuses([
    [`${query} absent.npy`, 2, /^--queries: .*file that exists, got "absent.npy"/],
    [`${query} vNarrow.npy`, 2, /^--queries.*: expected 8 columns, .*got 7; /],
    [`${query} vNan.npy`, 1, /row 2: expected finite numbers, got NaN; /],
    [`${query} vOutside.npy`, 1, /row 2: expected norm < 1, /],
    [`${query} V.npy --k 0`, 2, /k: expected a whole number .*, got 0; /],
    [`${query} V.npy --k -3`, 2, /k: expected a whole number.*, got "-3"; /],
    [`${query} V.npy --k 2.5`, 2, /k: expected a whole number.*, got "2.5"; /],
    [`${query} V.npy --k 2000000000`, 1, /memory: expected arrays that fit, .*; ask for less/],
    [`${query} V.npy --ef 0`, 2, /ef: expected a whole number.*, got 0; /],
    ['index query absent.gyro --queries V.npy --out made.npz', 2, /^index: .*exists, got "absent.gyro"/],
    ['index query text.npy --queries V.npy --out made.npz', 1, /^index text.npy: expected an index file/],
    ['index query cut.gyro --queries V.npy --out made.npz', 1, /^index cut.gyro: expected a complete file/],
    ['index query damaged.gyro --queries V.npy --out made.npz', 1, /^index damaged.gyro: .*; restore/],
    [
      'index query good.gyro --queries V.npy --out file/made.npz',
      2,
      /file.*expected a .*folder.*, got .*file/,
    ],
    ['index info absent.gyro', 2, /^index: .*exists, got "absent.gyro"/],
    ['index info text.npy', 1, /^index text.npy: expected an index file/],
  ]);
});

describe('negatives refuses', () => {
  refuses([
    ['negatives absent', 2, /^negatives: .*exists, got "absent"/],
    ['negatives empty', 1, /^model empty: .*manifest.json/],
    ['negatives E.npz', 2, /expected --model MODEL_DIR beside E.npz, got "none"; /],
    ['negatives E.npz --model nowhere', 2, /expected a model folder, got "nowhere"; /],
    ['negatives unlabelled.npz --model model', 1, /^unlabelled.npz: labels: .*; embed with --labels/],
    ['negatives V.npy --model model', 1, /^V.npy: expected a .npz file/],
    ['negatives E.npz --model model --block 2', 2, /^--block: .*>= 4, got "2"; /],
  ]);
});

describe('quickstart refuses', () => {
  refuses([
    ['quickstart --out file', 2, /^file: expected a folder to write, got "a file"; /],
    ['quickstart --out made --seed -1', 2, /^--seed: expected a whole number 0..4294967295, got "-1"; /],
  ]);
});

describe('a refused command', () => {
  it('leaves nothing behind: the folder is as it was', () => {
    expect(listing(folder)).toEqual(before);
  });
});
