import { firstNounSenses, loadNouns, nounTree, takeRows } from '../../src/index.js';
import type { Context, Row } from '../experiment.js';
import { loadWords } from '../words.js';
import { wordTreeOf } from '../wordTree.js';
import { measure } from './measure.js';
import type { Settings } from './settings.js';

export async function run(context: Context): Promise<Row[]> {
  const settings = context.config as Settings;
  const nouns = loadNouns(settings.wordnet);
  const senses = firstNounSenses(settings.wordnet);
  const { words, vectors } = await loadWords(settings.words, senses, settings.wordnet, console.error);
  const used = words.slice(0, settings[context.scale].words);
  const first = { words: used, vectors: takeRows(vectors, [...used.keys()]) };
  const trees = Object.entries(settings.roots).map(([name, root]) => [name, nounTree(nouns, root)] as const);
  const given = { trees: Object.fromEntries(trees), words: wordTreeOf(nouns, senses, first, settings) };
  return measure(given, settings, context);
}
