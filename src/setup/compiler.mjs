import { run } from './run.mjs';

/**
 * The C++ compiler of this machine: $CXX, else the first of g++, c++, clang++ on the PATH.
 * @returns {Promise<string | undefined>}
 */
export async function findCompiler() {
  for (const command of process.env.CXX ? [process.env.CXX] : ['g++', 'c++', 'clang++']) {
    const { code, missing } = await run(command, ['--version']);
    if (!missing && code === 0) return command;
  }
  return undefined;
}
