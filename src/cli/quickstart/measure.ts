import { join } from 'node:path';
import { buildIndex, openIndex } from '../../../indices/index.js';
import { type Matrix32, matrix, takeRows } from '../../core/matrix.js';
import type {
  EmbeddingSet,
  LabelledImages,
  Metrics,
  NeighborTable,
  RetrievalScores,
} from '../../core/records.js';
import type { Rng } from '../../core/rng.js';
import type { Space } from '../../core/space.js';
import { turnRandomly } from '../../data/rotate.js';
import { firstImages } from '../../data/split.js';
import { pairsOf } from '../../evaluation/distortion.js';
import { codeRelativeChange, orientationErrorDegrees } from '../../evaluation/equivariance.js';
import { leaveOneOutScores } from '../../evaluation/retrieval.js';
import { distanceMatrix } from '../../geometry/distance.js';
import type { Model } from '../../model/model.js';
import { orbitDistanceMatrix } from '../../symmetry/orbitDistance.js';
import { polarSamplingMatrix } from '../../symmetry/polar.js';
import { rotateImages } from '../../symmetry/rotation.js';

/** Scores of each head and of both together. */
export async function headScores(model: Model, { heads, vectors }: EmbeddingSet, labels: Int32Array) {
  const [euclidean, hyperbolic] = heads;
  return {
    euclidean: await leaveOneOutScores(euclidean.space, euclidean.matrix, labels),
    hyperbolic: await leaveOneOutScores(hyperbolic.space, hyperbolic.matrix, labels),
    ensemble: await leaveOneOutScores(model.space, vectors, labels),
  };
}

/** The floor: cosine of the turned pixels themselves. */
export function pixelScores(
  pixels: Float32Array,
  size: number,
  labels: Int32Array,
): Promise<RetrievalScores> {
  return leaveOneOutScores({ kind: 'cosine', dim: size }, matrix(pixels, labels.length, size), labels);
}

const TURNS = 36;

/** How code and orientation answer to turning `images` through 36 angles. */
export async function measureEquivariance(
  model: Model,
  images: LabelledImages,
): Promise<Metrics['equivariance']> {
  const { pixels, count, height, width } = images;
  const turn = async (angle: number) => {
    const angles = new Float64Array(count).fill(angle);
    const embedded = await model.embed(rotateImages(pixels, count, height, width, angles));
    return { ...embedded, angles };
  };
  const upright = await turn(0);
  const turned: Awaited<ReturnType<typeof turn>>[] = [];
  for (let t = 1; t < TURNS; t++) turned.push(await turn((2 * Math.PI * t) / TURNS));
  const orientations = (of: (t: (typeof turned)[number]) => Float64Array) =>
    turned.flatMap((t) => Array.from(of(t)));
  return {
    codeRelativeChange: codeRelativeChange(
      upright.code,
      turned.map(({ code }) => code),
    ),
    orientationErrorDegrees: orientationErrorDegrees(
      orientations(() => upright.orientation!),
      orientations(({ angles }) => angles),
      orientations(({ orientation }) => orientation!),
    ),
  };
}

/** Polar grid on which input distances are measured. */
const ORBIT_GRID = { radii: 14, angles: 48 };

export interface DistancePairs {
  readonly input: Float64Array;
  readonly euclidean: Float64Array;
  readonly hyperbolic: Float64Array;
  readonly ensemble: Float64Array;
  readonly sameClass: Uint8Array;
}

/** Orbit distances of the images and distances of their codes, over all pairs of the first `count` test items. */
export function distancePairs(
  test: LabelledImages,
  turned: Float32Array,
  embedded: EmbeddingSet,
  space: Space,
  count: number,
): DistancePairs {
  const { height, width, labels } = test;
  const polar = polarImages(turned.subarray(0, count * height * width), count, height, width);
  const orbit = orbitDistanceMatrix(polar, polar, ORBIT_GRID);
  const first = Array.from({ length: count }, (_, i) => i);
  const among = (own: Space, points: Matrix32): Float64Array => {
    const some = takeRows(points, first);
    return pairsOf(distanceMatrix(own, some, some));
  };
  const [euclidean, hyperbolic] = embedded.heads.map((head) => among(head.space, head.matrix));
  const sameClass = first.flatMap((i) => first.slice(i + 1).map((j) => (labels[i] === labels[j] ? 1 : 0)));
  return {
    input: pairsOf(orbit),
    euclidean,
    hyperbolic,
    ensemble: among(space, embedded.vectors),
    sameClass: Uint8Array.from(sameClass),
  };
}

function polarImages(pixels: Float32Array, count: number, height: number, width: number): Matrix32 {
  const sampling = polarSamplingMatrix({ height, width, ...ORBIT_GRID });
  const size = height * width;
  const data = new Float32Array(count * sampling.columns);
  for (let i = 0; i < count; i++) {
    const out = data.subarray(i * sampling.columns, (i + 1) * sampling.columns);
    for (let p = 0; p < size; p++) {
      const value = pixels[i * size + p];
      if (value === 0) continue;
      for (let k = 0; k < out.length; k++) out[k] += value * sampling.data[p * sampling.columns + k];
    }
  }
  return matrix(data, count, sampling.columns);
}

const INDEX_QUERIES = 1000;
const INDEX_K = 10;

/** Builds the index of all vectors, saves it, opens it again and asks it about the same digits at fresh angles. */
export async function buildAndMeasureIndex(
  model: Model,
  test: LabelledImages,
  vectors: Matrix32,
  out: string,
  rng: Rng,
): Promise<{ index: Metrics['index']; seconds: { index: number; query: number } }> {
  const file = join(out, 'index.gyro');
  const start = performance.now();
  const built = await buildIndex({ space: model.space, vectors: vectors.data, seed: model.config.seed });
  await built.save(file);
  built.close();
  const indexed = performance.now();
  const index = await openIndex(file);
  const exact = await openIndex(file, { engine: 'exact' });
  try {
    const images = firstImages(test, Math.min(INDEX_QUERIES, test.count));
    const queries = (await model.embed(turnRandomly(images, rng).pixels)).vectors.data;
    const asked = performance.now();
    const found = await index.search(queries, INDEX_K);
    const answered = performance.now();
    const truth = await exact.search(queries, INDEX_K);
    return {
      index: {
        engine: index.stats().engine,
        recallAt10: commonShare(found, truth),
        unreachable: await index.countUnreachable(),
      },
      seconds: { index: (indexed - start) / 1000, query: (answered - asked) / 1000 },
    };
  } finally {
    index.close();
    exact.close();
  }
}

/** Share of the true neighbours that were found. */
function commonShare(found: NeighborTable, truth: NeighborTable): number {
  const { k, rows } = truth;
  let common = 0;
  for (let q = 0; q < rows; q++) {
    const wanted = new Set(truth.ids.subarray(q * k, (q + 1) * k));
    for (const id of found.ids.subarray(q * k, (q + 1) * k)) if (wanted.has(id)) common++;
  }
  return common / (rows * k);
}
