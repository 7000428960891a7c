import { head } from './digits.js';
import {
  type FloorCodes,
  placedCodes,
  principalCodes,
  principalMap,
  randomCodes,
  scaledCodes,
  umapCodes,
} from './floors.js';
import { meanSquaredError, measureCodes } from './measure.js';
import { rotationCodes } from './train.js';
import { digitDistances } from './trees.js';
import { type Inputs, onDemand, type Result, type Work } from './work.js';

export interface Floor {
  readonly name: string;
  readonly code: number;
  readonly arm: string;
  readonly result: Result;
}

/** Every floor at every width. */
export async function measureFloors({
  context: { slice, seed },
  settings,
  sizes,
  inputs,
}: Work): Promise<Floor[]> {
  const { neighbors: k } = settings;
  const found: Floor[] = [];
  const principal = onDemand(() => {
    const { train } = inputs().digits;
    return principalMap(train, Math.max(...sizes.codes));
  });
  const between = onDemand(() => digitDistances(inputs().digits, settings.test));
  const note = async (
    name: string,
    code: number,
    make: () => FloorCodes | Promise<FloorCodes | undefined>,
  ) => {
    const result = await slice(`${name.replaceAll(' ', '-')}-${code}`, async () => {
      const made = await make();
      return made ? measureFloor(made, inputs(), k) : null;
    });
    if (result) found.push({ name, code, arm: `${name}, code ${code}`, result });
  };
  for (const code of sizes.codes) {
    const test = () => inputs().digits.test;
    await note('PCA', code, () => principalCodes(principal(), code, test()));
    await note('random projection', code, () => randomCodes(code, test(), seed));
    await note('MDS of the test digits', code, () => scaledCodes(between(), code));
    await note('MDS and placement', code, () =>
      placedCodes(code, inputs().digits.train, test(), sizes.landmarks),
    );
    if (sizes.umap.codes.includes(code)) {
      await note('UMAP', code, () =>
        umapCodes(code, head(inputs().digits.train, sizes.umap.rows), test(), seed),
      );
    }
  }
  await note('rotation', 784, async () => ({ codes: await rotationCodes(inputs().digits.test, seed) }));
  return found;
}

async function measureFloor(
  { codes, output }: FloorCodes,
  { digits, test }: Inputs,
  k: number,
): Promise<Result> {
  const { measured, intervals } = await measureCodes(test, codes, k);
  const mse = output && meanSquaredError(output, digits.test);
  return { test: { ...measured, ...(mse !== undefined && { mse }) }, ...(intervals && { intervals }) };
}
