import { type Matrix64, matrix, row } from '../../core/matrix.js';
import { distanceMatrix } from '../../geometry/distance.js';
import { scale } from '../../geometry/vector.js';
import { angularMiner } from '../../sampling/miners/angular.js';
import {
  batchEasyHardMiner,
  batchHardMiner,
  type MiningStrategy,
  type Range,
} from '../../sampling/miners/batchEasyHard.js';
import { hdcMiner } from '../../sampling/miners/hardAware.js';
import { multiSimilarityMiner } from '../../sampling/miners/multiSimilarity.js';
import { packagedTripletsMiner } from '../../sampling/miners/packagedTriplets.js';
import { pairMarginMiner } from '../../sampling/miners/pairMargin.js';
import { type TripletMarginMinerOptions, tripletMarginMiner } from '../../sampling/miners/tripletMargin.js';
import type { Tuples } from '../../sampling/miners/tuples.js';
import type { LabelRelation } from '../../sampling/relation.js';
import { EXACT, type Recompute } from './compare.js';
import type { Format } from './format.js';
import { matrixAt, numberAt, numbersAt } from './inputs.js';
import { isObject, type JsonObject } from './leaves.js';

/**
 * miners.json: which tuples of a batch are chosen. Each set is a sorted list: the triplets, or the positive and the
 * negative pairs. Miners that draw at random are skipped.
 */
export const miners: Format = {
  shape: { inputs: ['embeddings', 'labels', 'params'], sets: ['tuple'] },
  prepare: async (file) => recomputeWith(file),
  toleranceOf: () => EXACT,
};

interface Mined {
  /** Euclidean distances of the embeddings at norm 1, what the peer's miners take but where they say otherwise. */
  readonly chords: Matrix64;
  readonly cosines: Matrix64;
  /** Of the embeddings as they are. */
  readonly lengths: Matrix64;
  readonly relation: LabelRelation;
}

interface PeerMiner {
  /** The parameters that are honoured, by the peer's names. */
  readonly params: readonly string[];
  mine(batch: Mined, given: JsonObject): Tuples;
}

const MINERS: Readonly<Record<string, PeerMiner>> = {
  AngularMiner: {
    params: ['angle'],
    mine: ({ lengths, relation }, given) => angularMiner(lengths, relation, numbers(given, ['angle'])),
  },
  BatchEasyHardMiner: {
    params: ['pos_strategy', 'neg_strategy', 'allowed_pos_range', 'allowed_neg_range'],
    mine: ({ chords, relation }, given) =>
      batchEasyHardMiner(chords, relation, {
        ...ranges(given),
        ...(has(given, 'pos_strategy') ? { posStrategy: given['pos_strategy'] as MiningStrategy } : {}),
        ...(has(given, 'neg_strategy') ? { negStrategy: given['neg_strategy'] as MiningStrategy } : {}),
      }),
  },
  BatchHardMiner: {
    params: ['allowed_pos_range', 'allowed_neg_range'],
    mine: ({ chords, relation }, given) => batchHardMiner(chords, relation, ranges(given)),
  },
  EmbeddingsAlreadyPackagedAsTriplets: {
    params: [],
    mine: ({ chords }) => packagedTripletsMiner(chords.rows),
  },
  HDCMiner: {
    params: ['filter_percentage'],
    mine: ({ chords, relation }, given) => {
      const { filterPercentage: share } = numbers(given, ['filter_percentage']);
      return hdcMiner(chords, relation, share === undefined ? {} : { share });
    },
  },
  MultiSimilarityMiner: {
    params: ['epsilon'],
    mine: ({ cosines, relation }, given) =>
      multiSimilarityMiner(cosines, relation, numbers(given, ['epsilon'])),
  },
  PairMarginMiner: {
    params: ['pos_margin', 'neg_margin'],
    mine: ({ chords, relation }, given) =>
      pairMarginMiner(chords, relation, numbers(given, ['pos_margin', 'neg_margin'])),
  },
  TripletMarginMiner: {
    params: ['margin', 'type_of_triplets'],
    mine: ({ chords, relation }, given) =>
      tripletMarginMiner(chords, relation, {
        ...numbers(given, ['margin']),
        ...(has(given, 'type_of_triplets')
          ? { type: given['type_of_triplets'] as NonNullable<TripletMarginMinerOptions['type']> }
          : {}),
      }),
  },
};

function recomputeWith(file: JsonObject): Recompute {
  const embeddings = matrixAt(file, 'embeddings');
  const unit = atNormOne(embeddings);
  const dim = embeddings.columns;
  const batch: Mined = {
    chords: distanceMatrix({ kind: 'euclidean', dim }, unit, unit),
    cosines: distanceMatrix({ kind: 'cosine', dim }, embeddings, embeddings),
    lengths: distanceMatrix({ kind: 'euclidean', dim }, embeddings, embeddings),
    relation: { kind: 'labels', labels: numbersAt(file, 'labels') },
  };
  return ({ key, index, owners }) => {
    const given = owners.at(-1) ?? {};
    const params = isObject(given['params']) ? given['params'] : {};
    // A name may say more after a colon: which of several settings it is.
    const name = String(given['name']).split(':')[0];
    const miner = key === 'tuple' && Object.hasOwn(MINERS, name) ? MINERS[name] : undefined;
    const isHonoured = Object.keys(params).every((param) => miner?.params.includes(param));
    return miner && isHonoured ? sorted(columnsOfSet(miner.mine(batch, params), index)) : undefined;
  };
}

function atNormOne(m: Matrix64): Matrix64 {
  const unit = matrix(new Float64Array(m.data.length), m.rows, m.columns);
  for (let i = 0; i < m.rows; i++) {
    const x = row(m, i);
    unit.data.set(scale(1 / Math.hypot(...x), x), i * m.columns);
  }
  return unit;
}

function columnsOfSet(tuples: Tuples, index: number): readonly Int32Array[] {
  if (tuples.kind === 'pairs') return index === 0 ? tuples.positives : tuples.negatives;
  return [tuples.anchors, tuples.positives, tuples.negatives];
}

/** The tuples in ascending order, one after another. */
function sorted(columns: readonly Int32Array[]): number[] {
  const tuples = Array.from(columns[0], (_, k) => columns.map((column) => column[k]));
  return tuples.sort((a, b) => a.reduce((order, value, i) => order || value - b[i], 0)).flat();
}

function has(given: JsonObject, key: string): boolean {
  return given[key] !== undefined && given[key] !== null;
}

/** The numbers that are given, under our names: pos_margin is posMargin. */
function numbers(given: JsonObject, keys: readonly string[]): Record<string, number> {
  const known = keys.filter((key) => has(given, key));
  return Object.fromEntries(known.map((key) => [ours(key), numberAt(given, key)]));
}

function ranges(given: JsonObject): Record<string, Range> {
  const known = ['allowed_pos_range', 'allowed_neg_range'].filter((key) => has(given, key));
  return Object.fromEntries(
    known.map((key) => {
      const [low, high] = numbersAt(given, key);
      return [ours(key), [low, high]] as const;
    }),
  );
}

function ours(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
