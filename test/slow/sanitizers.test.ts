import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findCompiler } from '../../src/setup/compiler.mjs';
import { nativeSources } from '../../src/setup/places.mjs';
import { run } from '../../src/setup/run.mjs';

const native = resolve(import.meta.dirname, '..', '..', 'src', 'native');
const stress = resolve(import.meta.dirname, '..', 'native', 'stress.cc');
/** The graph and what it stands on, and the kernels of losses: everything else is called by Node alone. */
const SOURCES = [
  ...nativeSources(native).filter((name) =>
    /^(distances|graph|losses|pairs|so3|stress)[\\/](?!.*Object).*\.cc$/.test(name),
  ),
  ...['crew.cc', 'space.cc', 'reference.cc', 'exact.cc', 'chord.cc', 'kernels.cc', 'negatives.cc'],
  ...['files/crc32c.cc', 'files/mappedFile.cc'],
];
/** Those of the addon's flags that change what a program means, and what makes reports readable. */
const FLAGS = ['-std=c++17', '-O1', '-g', '-fno-omit-frame-pointer', '-pthread', '-Wno-psabi'].concat([
  ...['-ffp-contract=off', '-fno-math-errno', '-D_GLIBCXX_ASSERTIONS'],
]);
/** The processor seems to have less than it has: the code asks for features by name, "avx512f", "avx2" and "fma". */
const WITHOUT_AVX512 = '-D__builtin_cpu_supports(name)=(sizeof(name) < 6 && __builtin_cpu_supports(name))';
const WITHOUT_AVX = '-D__builtin_cpu_supports(name)=(sizeof(name) == 0)';

const MEMORY = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const THREADS = ['-fsanitize=thread'];
const ENV = { ...process.env, ASAN_OPTIONS: 'detect_leaks=1', UBSAN_OPTIONS: 'print_stacktrace=1' };

/** Goes wrong if it is given an argument: a leak, or two threads that write at the same time. */
const PROBE = `#include <thread>
int shared = 0;
int* volatile kept = nullptr;
int main(int count, char**) {
  std::thread other([count] { if (count > 1) shared = 1; });
  if (count > 1) shared = 2;
  other.join();
  if (count > 1) kept = new int[4];
  kept = nullptr;
}`;

const folder = mkdtempSync(join(tmpdir(), 'gyrometric-sanitizers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const compiler = await findCompiler();

/** @returns the program, in the folder `place` @throws Error with what the compiler says */
async function compile(place: string, sources: readonly string[], flags: readonly string[]): Promise<string> {
  const objects = sources.map((source, i) => join(place, `${i}-${basename(source)}.o`));
  const waiting = sources.map((source, i) => ['-c', source, '-o', objects[i], ...FLAGS, ...flags]);
  const work = async () => {
    for (let args = waiting.shift(); args; args = waiting.shift()) await invoke(args);
  };
  await Promise.all([work(), work()]);
  const program = join(place, 'program');
  await invoke(['-o', program, ...objects, ...FLAGS, ...flags]);
  return program;
}

async function invoke(args: readonly string[]): Promise<void> {
  const { code, output } = await run(compiler ?? '', args);
  if (code !== 0) throw new Error(output);
}

/** Why programs with this sanitizer cannot be made or run here, or undefined; once they can, they must see faults. */
async function reasonAgainst(flags: readonly string[]): Promise<string | undefined> {
  if (!compiler) return 'no C++ compiler found';
  const place = mkdtempSync(join(folder, 'probe-'));
  writeFileSync(join(place, 'probe.cc'), PROBE);
  try {
    const program = await compile(place, [join(place, 'probe.cc')], flags);
    const clean = await run(program, [], { env: ENV });
    if (clean.code !== 0) return `a sanitized program does not run: ${clean.output.slice(0, 300)}`;
    const faulty = await run(program, ['faulty'], { env: ENV });
    expect(faulty.code).not.toBe(0);
    expect(faulty.output).toMatch(/LeakSanitizer|data race/);
    return undefined;
  } catch (error) {
    if (!/cannot find|unrecognized|unsupported/.test(String(error))) throw error;
    return `no runtime for ${flags[0]}`;
  }
}

const withoutMemory = await reasonAgainst(MEMORY);
const withoutThreads = await reasonAgainst(THREADS);

describe('the graph and the kernels under stress', () => {
  const hashes = new Set<string>();

  it.for([
    ['memory', 'of this processor', /avx512|avx2|portable/, []],
    ['memory', 'of AVX2', /avx2|portable/, [WITHOUT_AVX512]],
    ['memory', 'that every processor has', /portable/, [WITHOUT_AVX]],
    ['threads', 'of this processor', /avx512|avx2|portable/, []],
  ] as const)(
    'shows no fault to the sanitizer of %s, with the instructions %s',
    async ([kind, , instructions, flags], { skip }) => {
      const reason = kind === 'memory' ? withoutMemory : withoutThreads;
      skip(reason !== undefined, reason);
      const all = [...(kind === 'memory' ? MEMORY : THREADS), ...flags];
      const sources = [...SOURCES.map((name) => join(native, name)), stress];
      const place = mkdtempSync(join(folder, `${kind}-`));
      const program = await compile(place, sources, all);
      const { code, output } = await run(program, [], { env: ENV });
      expect(output).toMatch(/^stress: \w+ [0-9a-f]{16}\n$/);
      expect(code).toBe(0);
      const [, set, hash] = output.trim().split(' ');
      expect(set).toMatch(instructions);
      hashes.add(hash);
      expect([...hashes]).toHaveLength(1);
    },
  );
});
