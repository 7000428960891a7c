import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { install } from './install.mjs';
import { npmReason, runNpm } from './npm.mjs';
import { root, runMain } from './prepare.mjs';
import { log, megabytes, stopwatch } from './progress.mjs';
import { run } from './run.mjs';
import { SetupError } from './setupError.mjs';

/** Pictures of the README are larger than everything else together. */
const isText = (/** @type {string} */ path) => !path.endsWith('.png');
const COPIED = ['README.md', 'CHANGELOG.md', 'LICENSE', 'docs', 'src/native'];

// A lifecycle script could not do this, since .npmrc lets none run; and dist/ may hold what was compiled from sources
// that are gone.
await runMain(async () => {
  const destination = resolve(process.argv[2] ?? join(root, 'build'));
  const seconds = stopwatch();
  await install({ root, log });
  const stage = mkdtempSync(join(tmpdir(), 'gyrometric-package-'));
  try {
    await compileInto(stage);
    for (const name of COPIED)
      cpSync(join(root, name), join(stage, name), { recursive: true, filter: isText });
    writeManifest(stage);
    mkdirSync(destination, { recursive: true });
    const packed = await pack(stage, destination);
    log(`package: ${packed}, ${seconds()}`);
    process.stdout.write(`${packed}\n`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  return 0;
});

async function compileInto(/** @type {string} */ stage) {
  const dist = join(stage, 'dist');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const places = ['--outDir', dist, '--tsBuildInfoFile', join(stage, 'tsbuildinfo')];
  // Maps would name sources that are not in the package.
  const maps = ['--sourceMap', 'false', '--declarationMap', 'false'];
  const { code, output } = await run(process.execPath, [
    tsc,
    '-p',
    join(root, 'tsconfig.json'),
    ...places,
    ...maps,
  ]);
  if (code !== 0)
    throw new SetupError(`${output.trim()}\nTypeScript: does not compile; correct the lines above`);
  const setup = join(root, 'src', 'setup');
  mkdirSync(join(dist, 'src', 'setup'), { recursive: true });
  for (const name of modulesOfPackage(setup)) cpSync(join(setup, name), join(dist, 'src', 'setup', name));
}

/** Those that compiled code imports, which have a declaration beside them, and what these import. */
function modulesOfPackage(/** @type {string} */ setup) {
  const doors = readdirSync(setup).filter((name) => name.endsWith('.d.mts'));
  const names = new Set(doors.map((name) => name.replace('.d.mts', '.mjs')));
  for (const name of names) {
    const text = readFileSync(join(setup, name), 'utf8');
    for (const [, imported] of text.matchAll(/ from '\.\/([^']+)'/g)) names.add(imported);
  }
  return names;
}

/** What only a checkout can use is left out. */
function writeManifest(/** @type {string} */ stage) {
  const { scripts, devDependencies, ...manifest } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function pack(/** @type {string} */ stage, /** @type {string} */ destination) {
  const args = ['pack', stage, '--ignore-scripts', '--json', '--pack-destination', destination];
  const { code, output } = await runNpm(args);
  if (code !== 0)
    throw new SetupError(`npm pack failed (${npmReason(output)}); mend that and run this again`);
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(output.slice(output.indexOf('[\n')));
  log(`package: ${entryCount} files, ${kilobytes(size)} packed, ${megabytes(unpackedSize)} unpacked`);
  return join(destination, filename);
}

function kilobytes(/** @type {number} */ bytes) {
  return `${Math.round(bytes / 1e3)} kB`;
}
