import { spawn } from 'node:child_process';

// npm describes a package file by file, in some 150 kB.
const KEPT_OUTPUT = 2 ** 20;

/**
 * Runs a program to its end, without a shell and without input.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, inherit?: boolean, onTick?: () => void, tickSeconds?: number}} options
 *   inherit: its output goes straight to ours; onTick: called every `tickSeconds` (5) while it runs
 * @returns {Promise<{code: number, missing: boolean, output: string}>} code 128 if a signal ended it; missing: there
 *   is no such program; output: the end of stdout and stderr together, empty with `inherit`
 */
export function run(
  command,
  args,
  { cwd, env = process.env, inherit = false, onTick, tickSeconds = 5 } = {},
) {
  return new Promise((resolve, reject) => {
    const stream = inherit ? 'inherit' : 'pipe';
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', stream, stream] });
    const timer = onTick && setInterval(onTick, tickSeconds * 1000);
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => {
      clearInterval(timer);
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== 'ENOENT' && code !== 'EACCES') return reject(error);
      resolve({ code: 127, missing: true, output: '' });
    });
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ code: code ?? 128, missing: false, output });
    });
  });
}

/** The last line of a program's output that says something. */
export function lastLine(/** @type {string} */ output) {
  return output.trim().split('\n').at(-1)?.trim() ?? '';
}
