import type { Command } from 'commander';
import { MissingError } from '../core/errors.js';
import { packageRoot } from '../core/packageRoot.js';
import { ENGINES, openEngine } from '../engine/openEngine.js';
import { nativeUnavailableReason } from '../native/index.js';
import { linkTensorflow } from '../setup/linkTensorflow.mjs';
import { noteLine, printJson, printLine } from './output.js';

async function info(options: { json?: boolean }): Promise<void> {
  const engine = await openEngine({ onNotice: noteLine });
  const addon = nativeUnavailableReason() ?? 'loaded';
  if (options.json) {
    printJson({ ...engine, addon, node: process.version, platform: `${process.platform}-${process.arch}` });
    return;
  }
  printLine(`engine  ${engine.name}: ${engine.version} (${engine.reason})`);
  printLine(`addon   ${addon}`);
  printLine(`node    ${process.version}, ${process.platform}-${process.arch}`);
}

async function link(options: { json?: boolean }): Promise<void> {
  const result = await linkTensorflow({ root: packageRoot, log: noteLine, again: true });
  if (result.status === 'unavailable') throw new MissingError(`engine link: ${result.reason}`);
  if (options.json) printJson(result);
  else {
    const how = result.status === 'current' ? 'was linked already' : 'is linked';
    printLine(`TensorFlow ${result.version} ${how}`);
  }
}

export function registerEngineCommand(program: Command): void {
  const engine = program
    .command('engine')
    .description('the tensor engine: which one runs, and how to get TensorFlow')
    .addHelpText('after', '\nExample:\n  gyrometric engine info');
  engine
    .command('info', { isDefault: true })
    .description(`which of ${ENGINES.join(', ')} runs and why (GYROMETRIC_ENGINE chooses)`)
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  GYROMETRIC_ENGINE=wasm gyrometric engine info')
    .action(info);
  engine
    .command('link')
    .description('download TensorFlow once into the cache, compile the binding and link it')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  gyrometric engine link')
    .action(link);
}
