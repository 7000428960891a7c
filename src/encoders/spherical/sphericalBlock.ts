import { type ProductLinearOptions, productLinear } from './productLinear.js';
import { signalBatchNorm } from './signalBatchNorm.js';
import type { SignalLayer, SignalShape } from './signalRows.js';
import { addSkip } from './signalSkip.js';

/**
 * Batch norm, Clebsch-Gordan nonlinearity, signal norm, linear map, and the signal itself added.
 * @throws UsageError where no product of the input reaches a degree of the output
 * @source Visani et al. 2022 (H-(V)AE), arXiv:2209.15567, figure 2
 */
export function sphericalBlock(
  name: string,
  input: SignalShape,
  output: SignalShape,
  options: ProductLinearOptions = {},
): SignalLayer {
  const norm = signalBatchNorm(`${name}/norm`, input);
  const products = productLinear(`${name}/products`, input, output, options);
  return {
    output,
    parameters: [...norm.parameters, ...products.parameters],
    batchNorms: [],
    statistics: norm.statistics ?? [],
    apply: (pass, rows) => addSkip(products.apply(pass, norm.apply(pass, rows)), rows, output),
    dispose() {
      norm.dispose();
      products.dispose();
    },
  };
}

/** Blocks to be applied one after the other. @param shapes input, then the output of each */
export const sphericalBlockList = (
  name: string,
  shapes: readonly SignalShape[],
  options: ProductLinearOptions = {},
): SignalLayer[] =>
  shapes.slice(1).map((output, i) => sphericalBlock(`${name}/block${i + 1}`, shapes[i], output, options));

/** Blocks one after the other, as one layer. @param shapes as of sphericalBlockList */
export function sphericalBlocks(
  name: string,
  shapes: readonly SignalShape[],
  options: ProductLinearOptions = {},
): SignalLayer {
  const blocks = sphericalBlockList(name, shapes, options);
  return {
    output: shapes[shapes.length - 1],
    parameters: blocks.flatMap(({ parameters }) => parameters),
    batchNorms: [],
    statistics: blocks.flatMap(({ statistics }) => statistics ?? []),
    apply: (pass, rows) => blocks.reduce((signal, block) => block.apply(pass, signal), rows),
    dispose() {
      for (const block of blocks) block.dispose();
    },
  };
}
