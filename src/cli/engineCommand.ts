import type { Command } from 'commander';
import { MissingError } from '../core/errors.js';
import { packageRoot } from '../core/packageRoot.js';
import { ENGINES, openEngine } from '../engine/openEngine.js';
import { nativeUnavailableReason } from '../native/index.js';
import { buildAddon } from '../setup/buildAddon.mjs';
import { linkTensorflow } from '../setup/linkTensorflow.mjs';
import { noteLine, printJson, printLine } from './output.js';

const ADDON = { built: 'is built', current: 'was built already' };
const TENSORFLOW = { linked: 'is linked', current: 'was linked already' };

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
  const settings = { root: packageRoot, log: noteLine };
  const addon = await buildAddon(settings);
  const result = await linkTensorflow({ ...settings, again: true });
  if (options.json) printJson({ ...result, addon });
  else {
    if (addon.status !== 'unavailable') printLine(`native addon ${ADDON[addon.status]}`);
    if (result.status !== 'unavailable')
      printLine(`TensorFlow ${result.version} ${TENSORFLOW[result.status]}`);
  }
  const failed = [addon, result].filter(({ status }) => status === 'unavailable');
  if (failed.length > 0) {
    throw new MissingError(`engine link: ${failed.map(({ reason }) => reason).join('; ')}`);
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
    .description('build the native addon; download TensorFlow once into the cache and link it')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  gyrometric engine link')
    .action(link);
}
