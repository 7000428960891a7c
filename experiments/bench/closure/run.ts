import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ClosureConfig,
  DomainError,
  loadNouns,
  type Relation,
  subtreeOf,
  trainClosure,
  transitiveClosure,
} from '../../../src/index.js';
import { type BenchContext, type BenchRow, benchRow } from '../bench.js';
import { benchSources, Peer } from '../peers.js';

/** *mammal* in WordNet 3.0. */
const MAMMAL = '01861778';
const NUMBERS = 10;

const config = (epochs: number): ClosureConfig => ({
  ...{ geometry: 'lorentz', parameters: 'tangent', star: false, numbers: NUMBERS },
  ...{ epochs, anchors: 512, negatives: 128, temperature: 0.5, learningRate: 0.4 },
  ...{ burnIn: 0, startNorm: 0.05, seed: 1 },
});

interface Answer {
  readonly seconds: number;
  readonly pairs: number;
  readonly gensim: string;
}

function pairLines({ offsets, targets }: Relation): string {
  const lines: string[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    for (const target of targets.subarray(offsets[i], offsets[i + 1])) lines.push(`n${i}\tn${target}\n`);
  }
  return lines.join('');
}

/** One epoch over the closure of all nouns of WordNet 3.0 (quick: of the mammals), in 10 numbers. */
export async function run({ quick, python, log }: BenchContext): Promise<BenchRow[]> {
  const nouns = loadNouns('3.0');
  const closure = transitiveClosure(nouns.hypernyms);
  const relation = quick ? subtreeOf(closure, nouns.ids.indexOf(MAMMAL)).relation : closure;
  const folder = mkdtempSync(join(tmpdir(), 'gyrometric-bench-'));
  const pairs = join(folder, 'pairs.tsv');
  const peer = new Peer(python(), join(benchSources, 'closure', 'peer.py'));
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    writeFileSync(pairs, pairLines(relation));
    // The first epoch of a process also starts the engine.
    await trainClosure(relation, config(1));
    let version = '';
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      log(`round ${round + 1} ...`);
      ours.push((await trainClosure(relation, config(1))).seconds);
      const answer = await peer.ask<Answer>({ pairs, size: NUMBERS });
      if (answer.pairs !== relation.targets.length) {
        throw new DomainError(
          `bench closure: the peer read ${answer.pairs} pairs, we have ${relation.targets.length}`,
        );
      }
      theirs.push(answer.seconds);
      version = answer.gensim;
    }
    const name = `one epoch, ${relation.targets.length} pairs, ${NUMBERS} numbers`;
    return [benchRow(name, `gensim ${version}`, ours, theirs)];
  } finally {
    peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
