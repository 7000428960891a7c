import { afterAll, beforeAll, describe } from 'vitest';
import { fused, registerFused } from '../../../src/engine/fused.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { loadNative } from '../../../src/native/index.js';

/** How the sums over the pairs of an anchor are made: by the kernels of the addon, or of tensors. */
export const ROW_PATHS = loadNative() ? (['fused', 'tensors'] as const) : (['tensors'] as const);

/** The tests of `define` once on each path. */
export function onEachRowPath(define: () => void): void {
  describe.each(ROW_PATHS)('by rows that are %s', (path) => {
    let registered: ReturnType<typeof fused<'rows'>>;
    beforeAll(async () => {
      await openEngine();
      registered = fused('rows');
      registerFused('rows', path === 'fused' ? loadNative()?.rows : undefined);
    });
    afterAll(() => registerFused('rows', registered));
    define();
  });
}
