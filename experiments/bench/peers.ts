import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { cacheFolder, MissingError } from '../../src/index.js';

/** Compiled files stand in dist; the peers' scripts and their list stay with the sources. */
export const benchSources = join(import.meta.dirname, '..', '..', '..', 'experiments', 'bench');

/**
 * A Python with the packages of peers.txt: the one that environment GYROMETRIC_PEERS names, else an environment in
 * the cache folder, made on the first call (torch brings CUDA along: a download of about 3 GB).
 * @param bench one with a peers.txt of its own, say index: then that list, and environment GYROMETRIC_INDEX_PEERS
 * @throws MissingError where there is no python3 or pip fails
 */
export function peersPython(log: (line: string) => void, bench?: string): string {
  const variable = bench
    ? `GYROMETRIC_${bench.toUpperCase().replaceAll('-', '_')}_PEERS`
    : 'GYROMETRIC_PEERS';
  const named = process.env[variable];
  if (named) return named;
  const path = bench ? join(bench, 'peers.txt') : 'peers.txt';
  const list = join(benchSources, path);
  const hash = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `peers-${hash}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(python)) return python;
  log(`peers: installing the packages of experiments/bench/${path}${bench ? '' : ', about 3 GB'}, once`);
  // An interrupted download must not look like a finished one. Python itself may be moved with its folder.
  const unfinished = `${folder}.unfinished`;
  try {
    rmSync(unfinished, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', unfinished], { stdio: 'ignore' });
    execFileSync(join(unfinished, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '-r', list], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new MissingError(
      `bench: the peers could not be installed; set ${variable} to a Python that has them`,
      { cause },
    );
  }
  renameSync(unfinished, folder);
  return python;
}

/** A peer's program, asked one JSON line at a time; it answers with one JSON line each. */
export class Peer {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;
  private failure: Error | undefined;

  constructor(command: string, ...args: string[]) {
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.on('error', (error) => {
      this.failure = error;
    });
    // A program that has ended refuses the question too: ask reports it.
    this.child.stdin.on('error', () => {});
    this.answers = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  /** @throws MissingError if the program ended, or was never started */
  async ask<T>(question: object): Promise<T> {
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.answers.next();
    if (done) {
      const reason = this.failure?.message ?? 'its message is above';
      throw new MissingError(`bench: the peer ended without an answer: ${reason}; check GYROMETRIC_PEERS`);
    }
    return JSON.parse(value) as T;
  }

  close(): void {
    this.child.kill();
  }
}
