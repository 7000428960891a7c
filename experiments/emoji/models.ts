import type { Context } from '../experiment.js';
import type { Drawings } from './drawings.js';
import type { Outputs } from './readings.js';
import type { Settings, Size } from './settings.js';
import { type Split, splitEmojis, splitForValidation } from './split.js';
import { trainArm } from './train.js';

/** What all trainings share. */
export interface Task {
  readonly settings: Settings;
  readonly size: Size;
  readonly drawings: Drawings;
  readonly slice: Context['slice'];
}

export type Part = 'test' | 'validation';

/** Items of which no class trained. */
export interface Items {
  /** n each */
  readonly classes: Int32Array;
  readonly subgroups: Int32Array;
}

function splitFor(part: Part, { rows }: Drawings): Split {
  return part === 'test' ? splitEmojis(rows) : splitForValidation(rows);
}

export function itemsOf(part: Part, drawings: Drawings): Items {
  const { test } = splitFor(part, drawings);
  return {
    classes: test.map((i) => drawings.rows[i].emoji),
    subgroups: test.map((i) => drawings.rows[i].subgroup),
  };
}

/** A stored training: numbers in base64, which is a third of their decimals. */
interface Stored {
  readonly outputs: string;
  readonly loss: number;
  readonly seconds: number;
}

export interface Model extends Outputs {
  /** Last loss that was looked at. */
  readonly loss: number;
  readonly seconds: number;
}

/** An arm trained from a seed, or what an earlier run left of it: its outputs for the items of `part`. */
export async function modelOf(task: Task, name: string, seed: number, part: Part): Promise<Model> {
  const { settings, size, drawings, slice } = task;
  const arm = settings.arms[name];
  const { outputs, loss, seconds } = await slice(`${part}-${fileName(name)}-${seed}`, async () => {
    const trained = await trainArm(drawings, splitFor(part, drawings), arm, settings, size, seed);
    const stored: Stored = { ...trained, outputs: Buffer.from(trained.outputs.buffer).toString('base64') };
    return stored;
  });
  const bytes = Uint8Array.from(Buffer.from(outputs, 'base64'));
  return { arm, values: new Float32Array(bytes.buffer), loss, seconds };
}

export function fileName(arm: string): string {
  return arm.replaceAll(' ', '_');
}
