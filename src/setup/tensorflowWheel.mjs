import { existsSync, readdirSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireSha256 } from './checksum.mjs';
import { cacheFolder } from './places.mjs';
import { megabytes, stopwatch } from './progress.mjs';
import { unzipWheel } from './pythonWheel.mjs';
import { lastLine, run } from './run.mjs';
import { SetupError, Unavailable, USE_INSTALLED } from './setupError.mjs';
import { publishFolder, withTemporaryFolder } from './temporary.mjs';

/**
 * The TensorFlow that is fetched where GYROMETRIC_TENSORFLOW names none. pip's tags are given in full, so that any
 * Python with pip can fetch the wheel; it is unpacked, never imported.
 */
const WHEELS = {
  'linux-x64': {
    package: 'tensorflow-cpu',
    version: '2.21.0',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    tags: ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
    platformTag: 'manylinux_2_27_x86_64',
    bytes: 274e6,
    glibc: [2, 27],
    // Of the two libraries: a copy that was cut off is told by its size.
    libraryBytes: [788_086_608, 65_222_328],
  },
};

/** Wheel, pip's second copy of it, and what is taken out. */
const NEEDED_BYTES = 1.5e9;
const HEADERS = ['tensorflow/c', 'tensorflow/core/platform', 'tensorflow/core/public', 'tsl', 'xla/tsl/c'];
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const WANTED = [
  ...LIBRARIES.map((name) => `tensorflow/${name}`),
  ...HEADERS.map((folder) => `tensorflow/include/${folder}/`),
];

/** Whether `folder` has what linking needs, laid out as in site-packages/tensorflow. */
export function isTensorflow(/** @type {string} */ folder) {
  return [...LIBRARIES, 'include/tensorflow/c/c_api.h'].every((file) => existsSync(join(folder, file)));
}

/** @returns {(typeof WHEELS)['linux-x64'] | undefined} */
function pinnedWheel() {
  return WHEELS[/** @type {keyof typeof WHEELS} */ (`${process.platform}-${process.arch}`)];
}

/**
 * What the cache has of the pinned TensorFlow; reads no file, and asks no network.
 * @returns {{state: 'whole' | 'damaged' | 'absent' | 'unpinned', folder: string}} unpinned: none is pinned for this
 *   platform, and folder is empty
 */
export function stateOfCache(cache = cacheFolder()) {
  const wheel = pinnedWheel();
  if (!wheel) return { state: 'unpinned', folder: '' };
  const folder = join(cache, `${wheel.package}-${wheel.version}-${process.platform}-${process.arch}`);
  if (!existsSync(folder)) return { state: 'absent', folder };
  return { state: isWhole(folder, wheel) ? 'whole' : 'damaged', folder };
}

function isWhole(/** @type {string} */ folder, /** @type {(typeof WHEELS)['linux-x64']} */ wheel) {
  const sizes = LIBRARIES.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size);
  return isTensorflow(folder) && sizes.every((size, i) => size === wheel.libraryBytes[i]);
}

/**
 * The folder of the pinned TensorFlow in the cache, downloaded if it is not there or not whole.
 * @param {{log: (line: string) => void, cache?: string}} options
 * @returns {Promise<string>}
 * @throws Unavailable where it cannot be had; SetupError if what came is not what was pinned
 */
export async function cachedTensorflow({ log, cache = cacheFolder() }) {
  const wheel = pinnedWheel();
  if (!wheel) {
    throw new Unavailable(`no TensorFlow is pinned for ${process.platform}-${process.arch}`, USE_INSTALLED);
  }
  const { state, folder } = stateOfCache(cache);
  if (state === 'whole') return folder;
  if (state === 'damaged') log(`TensorFlow: the copy in ${folder} is damaged and is fetched again`);
  requireGlibc(wheel.glibc);
  await withTemporaryFolder(cache, async (temporary) => {
    requireSpace(cache);
    const file = await download(wheel, temporary, log);
    await requireSha256(file, wheel.sha256, 'TensorFlow wheel', 'the package index that pip is set to');
    const unpacking = stopwatch();
    await extractWheel(file, folder, temporary, (copy) => isWhole(copy, wheel));
    log(`TensorFlow: unpacked into ${folder}, ${unpacking()}`);
  });
  return folder;
}

/**
 * Takes the libraries and headers out of a wheel; `folder` appears complete or not at all.
 * @param {string} wheel
 * @param {string} folder
 * @param {string} temporary an empty folder on the same file system
 * @param {(folder: string) => boolean} [isComplete] whether a copy that is there already may stay
 */
export async function extractWheel(wheel, folder, temporary, isComplete = isTensorflow) {
  const { code, output } = await unzipWheel(wheel, temporary, WANTED);
  const unpacked = join(temporary, 'tensorflow');
  if (code !== 0 || !isTensorflow(unpacked)) {
    throw new Unavailable(`the TensorFlow wheel could not be unpacked (${lastLine(output)})`, USE_INSTALLED);
  }
  publishFolder(unpacked, folder, isComplete);
}

/**
 * @param {(typeof WHEELS)['linux-x64']} wheel
 * @param {string} folder
 * @param {(line: string) => void} log
 */
async function download(wheel, folder, log) {
  const requirements = join(folder, 'requirements.txt');
  writeFileSync(requirements, `${wheel.package}==${wheel.version} --hash=sha256:${wheel.sha256}\n`);
  const seconds = stopwatch();
  const total = megabytes(wheel.bytes);
  log(`TensorFlow: downloading ${wheel.package} ${wheel.version}, ${total}, once for all checkouts`);
  const { code, missing, output } = await run(
    'python3',
    [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--require-hashes', ...wheel.tags],
      ...['--platform', wheel.platformTag, '--no-cache-dir', '--retries', '2', '--progress-bar', 'off'],
      ...['--disable-pip-version-check', '-r', requirements, '-d', folder],
    ],
    {
      // pip's own temporary files count as ours: same disk, removed with the folder, seen growing.
      env: { ...process.env, TMPDIR: folder },
      onTick: () =>
        log(`TensorFlow: ${megabytes(Math.min(sizeOf(folder), wheel.bytes))} of ${total}, ${seconds()}`),
      tickSeconds: 3,
    },
  );
  if (missing) {
    throw new Unavailable(
      'no python3 was found, which fetches TensorFlow',
      `install python3 with pip, or ${USE_INSTALLED}`,
    );
  }
  if (/No module named pip/.test(output)) {
    throw new Unavailable('python3 has no pip, which fetches TensorFlow', `install pip, or ${USE_INSTALLED}`);
  }
  if (/DO NOT MATCH THE HASHES/.test(output)) {
    throw new SetupError(
      `TensorFlow wheel: pip got a file that is not the pinned one (sha256 ${wheel.sha256}); check the package index that pip is set to`,
    );
  }
  const file = readdirSync(folder).find((name) => name.endsWith('.whl'));
  if (code !== 0 || !file) {
    // Without a network pip's last line says that there is no such version.
    const unreachable = /ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError/.test(output);
    const reason = unreachable ? 'the package index was not reached' : lastLine(output);
    throw new Unavailable(
      `TensorFlow could not be downloaded (${reason})`,
      `set up again with a network, or ${USE_INSTALLED}`,
    );
  }
  log(`TensorFlow: downloaded, ${seconds()}`);
  return join(folder, file);
}

function requireGlibc(/** @type {number[]} */ [major, minor]) {
  // Otherwise the report looks up the name of every network address.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = /** @type {{header: {glibcVersionRuntime?: string}}} */ (process.report.getReport());
  const [a, b] = (header.glibcVersionRuntime ?? '0.0').split('.').map(Number);
  if (a > major || (a === major && b >= minor)) return;
  throw new Unavailable(
    `the pinned TensorFlow needs glibc ${major}.${minor}, this system has ${header.glibcVersionRuntime ?? 'another C library'}`,
    USE_INSTALLED,
  );
}

function requireSpace(/** @type {string} */ folder) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= NEEDED_BYTES) return;
  throw new Unavailable(
    `${folder} has ${megabytes(bavail * bsize)} free, TensorFlow takes ${megabytes(NEEDED_BYTES)} while it is unpacked`,
    'make room, or set GYROMETRIC_CACHE to a folder on another disk',
  );
}

function sizeOf(/** @type {string} */ folder) {
  let bytes = 0;
  try {
    for (const name of readdirSync(folder, { recursive: true })) {
      bytes += statSync(join(folder, String(name)), { throwIfNoEntry: false })?.size ?? 0;
    }
  } catch {
    // pip removes folders of its own meanwhile; the next tick counts again.
  }
  return bytes;
}
