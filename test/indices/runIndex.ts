import { Command } from 'commander';
import { vi } from 'vitest';
import { registerIndexCommands } from '../../src/cli/indexCommands.js';

/** Runs `gyrometric index ...` in this process and returns what it prints to stdout. */
export async function runIndex(...args: string[]): Promise<string> {
  let out = '';
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const before = process.listeners('SIGINT');
  const program = new Command();
  registerIndexCommands(program);
  try {
    await program.parseAsync(['index', ...args], { from: 'user' });
    return out;
  } finally {
    written.mockRestore();
    for (const listener of process.listeners('SIGINT')) {
      if (!before.includes(listener)) process.removeListener('SIGINT', listener);
    }
  }
}
