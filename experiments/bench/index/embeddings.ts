import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Rng } from '../../../src/geometry/index.js';
import { cacheFolder, columnsOf, FormatError, parseNpz, parseSpace } from '../../../src/index.js';
import { type DataSet, heldOut, QUERIES } from './sets.js';

/**
 * What a model of the quickstart says of turned digits: the file that environment GYROMETRIC_EMBEDDINGS names, beside
 * which lies model/space.json, else that of a quickstart in the cache folder.
 * @returns undefined where there is no such file
 */
export function embeddings(size: number, seed: number, log: (line: string) => void): DataSet | undefined {
  const file =
    process.env['GYROMETRIC_EMBEDDINGS'] ?? join(cacheFolder(), 'bench-quickstart', 'embeddings.npz');
  if (!existsSync(file)) {
    log(`embeddings: left out, as there is no ${file}`);
    log(`embeddings: npx gyrometric quickstart --out ${dirname(file)} makes it`);
    return undefined;
  }
  const space = parseSpace(JSON.parse(readFileSync(join(dirname(file), 'model', 'space.json'), 'utf8')));
  const columns = columnsOf(space);
  const { vectors } = parseNpz(readFileSync(file), file);
  if (!(vectors?.data instanceof Float32Array) || vectors.shape[1] !== columns) {
    throw new FormatError(
      `${file}: expected float32 vectors of ${columns} columns, as model/space.json says`,
    );
  }
  const rows = Math.min(vectors.shape[0], size + QUERIES);
  const rng = new Rng(seed).split('embeddings');
  return heldOut('embeddings', space, columns, vectors.data.subarray(0, rows * columns), rng);
}
