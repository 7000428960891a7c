import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** npm's own defaults: nothing of an .npmrc, and nothing that an npm above us hands down. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|GYROMETRIC_|NODE_OPTIONS)/i.test(name),
  );
  return { ...Object.fromEntries(inherited), NPM_CONFIG_USERCONFIG: '/dev/null' };
}

/** Runs a program to its end. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Outcome {
  const env = { ...plainEnvironment(), ...options.env };
  return spawnSync(command, args, { cwd: options.cwd, env, encoding: 'utf8', maxBuffer: 1e8 });
}

/** Whether packages can be had, as nothing here can be tested without. */
export function isRegistryReachable(): boolean {
  const args = ['view', 'picocolors@1.1.1', 'version', '--fetch-retries=0', '--fetch-timeout=20000'];
  return runProgram('npm', args, { cwd: ROOT }).stdout.trim() === '1.1.1';
}

/** A new project with these files beside a package.json that names nothing. */
export function makeProject(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: 'consumer', version: '1.0.0', private: true };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
