import {
  holdOut,
  leaveOneOutScores,
  type Matrix32,
  parseVectorConfig,
  Rng,
  resolveVectorConfig,
  rowsOf,
  type Space,
  trainVectors,
} from '../../src/index.js';
import type { Settings } from './settings.js';

/** Vectors of some poses: a class and a model each. */
export interface LabelledViews {
  readonly vectors: Matrix32;
  readonly classes: Int32Array;
  readonly models: Int32Array;
}

/** Points of both heads, and of the ensemble as an index holds them. */
export type Embedded = Readonly<
  Record<'euclidean' | 'hyperbolic' | 'ensemble', { space: Space; vectors: Matrix32 }>
>;

/**
 * Trains the two contrastive heads on vectors of training poses by their words, stopping by models that are held out of
 * them, and reads other vectors.
 */
export async function trainHeads(
  train: LabelledViews,
  { head }: Settings,
  seed: number,
  queries: Matrix32,
): Promise<Embedded> {
  const { dim, hidden, steps, validationShare } = head;
  const config = parseVectorConfig({
    ...{ schemaVersion: 1, kind: 'vectors', seed, encoder: { hidden } },
    heads: { euclidean: { dim }, poincare: { dim } },
    training: { steps },
  });
  const classes = new Set(train.classes).size;
  const resolved = resolveVectorConfig(config, { items: train.vectors.rows, classes });
  const parts = partsByModel(train, validationShare, new Rng(seed).split('validation'));
  const trained = await trainVectors(resolved, train, parts, {
    score: async (space, vectors, labels) => (await leaveOneOutScores(space, vectors, labels)).mapAtR,
  });
  try {
    const every = Int32Array.from({ length: queries.rows }, (_, i) => i);
    const { heads, vectors } = await trained.model.embed(rowsOf(queries, every));
    const [euclidean, hyperbolic] = heads.map(({ space, matrix }) => ({ space, vectors: matrix }));
    return { euclidean, hyperbolic, ensemble: { space: trained.model.space, vectors } };
  } finally {
    trained.model.dispose();
  }
}

/** All poses of a model go to one part. */
function partsByModel({ classes, models }: LabelledViews, share: number, rng: Rng) {
  const known = [...new Set(models)];
  const classOf = new Map(Array.from(models, (model, row) => [model, classes[row]]));
  const { held } = holdOut(
    known.map((model) => classOf.get(model)!),
    { share },
    rng,
  );
  const chosen = new Set(Array.from(held, (place) => known[place]));
  const rows = (keep: (model: number) => boolean) =>
    Int32Array.from(Array.from(models.keys()).filter((row) => keep(models[row])));
  return {
    train: rows((model) => !chosen.has(model)),
    validation: rows((model) => chosen.has(model)),
    test: new Int32Array(0),
  };
}
