import { join } from 'node:path';
import {
  type ClosureConfig,
  loadNouns,
  type Relation,
  reconstruction,
  subtreeOf,
  trainClosure,
  transitiveClosure,
} from '../../src/index.js';
import { type Context, type Row, rowOf, type Scale } from '../experiment.js';

/** Results stay with the sources, as the runner's do; compiled files stand in dist/experiments/wordnet. */
const out = join(import.meta.dirname, '..', '..', '..', 'experiments', 'wordnet', 'out');
/** *mammal* in WordNet 3.0. */
const MAMMAL = '01861778';

interface ScaleSettings {
  readonly arms: readonly string[];
  readonly shared: Partial<ClosureConfig>;
  readonly learningRate?: number;
}

interface Settings extends Readonly<Record<Scale, ScaleSettings>> {
  readonly arms: Readonly<Record<string, Partial<ClosureConfig>>>;
}

interface Measured {
  readonly MAP: number;
  readonly meanRank: number;
  readonly seconds: number;
}

function relationOf(scale: Scale): Relation {
  const nouns = loadNouns('3.0');
  const closure = transitiveClosure(nouns.hypernyms);
  return scale === 'small' ? subtreeOf(closure, nouns.ids.indexOf(MAMMAL)).relation : closure;
}

async function measure(relation: Relation, config: ClosureConfig, stateFile: string): Promise<Measured> {
  const { space, points, seconds } = await trainClosure(relation, config, {
    stateFile,
    onEpoch: ({ epoch, loss, seconds: spent }) => {
      if (epoch % 10 === 0) console.error(`  epoch ${epoch}: loss ${loss.toFixed(4)}, ${spent.toFixed(0)} s`);
    },
  });
  const { meanAveragePrecision, meanRank } = await reconstruction(space, points, relation);
  return { MAP: meanAveragePrecision, meanRank, seconds };
}

export async function run({ scale, seed, config, slice }: Context): Promise<Row[]> {
  const { arms, [scale]: settings } = config as Settings;
  const { shared, learningRate } = settings;
  const relation = relationOf(scale);
  const configOf = (arm: string) =>
    ({ ...shared, ...arms[arm], ...(learningRate && { learningRate }), seed }) as ClosureConfig;
  const rows: Row[] = [];
  for (const arm of settings.arms) {
    const key = arm.replaceAll(/[^a-zA-Z]+/g, '-');
    const stateFile = join(out, `${scale}-${seed}-${key}.safetensors`);
    const measured = await slice(key, () => measure(relation, configOf(arm), stateFile));
    for (const metric of ['MAP', 'meanRank', 'seconds'] as const) {
      rows.push(rowOf(arm, metric, [measured[metric]]));
    }
  }
  return rows;
}
