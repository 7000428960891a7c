import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from './run.mjs';

/**
 * Runs npm: the one that started us, else the one that came with this Node, else the one on the PATH.
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runNpm(args, options) {
  const besideNode = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(besideNode, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(besideNode, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  // npm_execpath may be yarn or pnpm, which read other locks.
  const script = candidates.find((path) => path && basename(path) === 'npm-cli.js' && existsSync(path));
  return script ? run(process.execPath, [script, ...args], options) : run('npm', args, options);
}

/** What npm names as the reason of a failure. */
export function npmReason(/** @type {string} */ output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
  const text = lines.map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return text.find((line) => line && !/^(code|syscall|errno|network This)/.test(line)) ?? 'no reason given';
}

export function isNetworkFailure(/** @type {string} */ output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/.test(output);
}
