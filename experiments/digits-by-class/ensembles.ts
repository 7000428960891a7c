import {
  distanceSpreads,
  type EnsembleMember,
  ensembleOf,
  learnWeights,
  type RetrievalScores,
  Rng,
  reciprocalRankFusion,
  retrievalScores,
} from '../../src/index.js';
import { type Measured, retrieval } from './measure.js';
import { unpacked } from './packed.js';
import type { Score } from './settings.js';

/** Scores of two members asked together, in several ways, and of the members alone. */
export interface Together {
  readonly members: readonly RetrievalScores[];
  /** Distances over their spread, added. */
  readonly scaled: RetrievalScores;
  /** The same with weights learned on validation drawings, for MAP@R. */
  readonly learned: RetrievalScores;
  readonly ranks: RetrievalScores;
  /** Of the learned weights times the spread: the first over the sum of both. */
  readonly firstShare: number;
}

export interface Asked {
  readonly validation: EnsembleMember;
  readonly test: EnsembleMember;
}

/** A model under one score. @throws TypeError for one whose vectors were not kept */
export function asked({ kept }: Measured, score: Score): Asked {
  const of = ({ members, weights }: NonNullable<Measured['kept']>['test']): EnsembleMember => {
    const both = members.map(unpacked);
    if (score === 'mixed') return ensembleOf(both, weights);
    return both[score === 'euclidean' ? 0 : 1];
  };
  return { validation: of(kept!.validation), test: of(kept!.test) };
}

/** Spreads and weights are those of validation drawings; test drawings are scored, once. */
export async function together(
  pair: readonly [Asked, Asked],
  labels: { readonly validation: Uint8Array; readonly test: Uint8Array },
  seed: number,
): Promise<Together> {
  const rng = new Rng(seed).split('together');
  const known = pair.map(({ validation }) => validation);
  const test = pair.map((member) => member.test);
  const spreads = distanceSpreads(known, rng.split('spreads'));
  const learned = learnWeights(known, labels.validation, rng.split('weights'), {
    score: 'mapAtR',
    resamples: 1,
  });
  const score = async (weights: ArrayLike<number>) =>
    (await retrieval(ensembleOf(test, weights), labels.test)).scores;
  const alone = [await retrieval(test[0], labels.test), await retrieval(test[1], labels.test)];
  const { k } = alone[0];
  const fused = reciprocalRankFusion(
    alone.map(({ rows }) => rows),
    k,
  );
  const [first, second] = learned.weights.map((weight, m) => weight * spreads[m]);
  return {
    members: alone.map(({ scores }) => scores),
    scaled: await score(spreads.map((spread) => 1 / spread)),
    learned: await score(learned.weights),
    ranks: retrievalScores(fused, k, labels.test),
    firstShare: first / (first + second),
  };
}
