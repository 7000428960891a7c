import { afterAll, beforeAll, describe } from 'vitest';
import { fusedRows, registerFusedRows } from '../../../src/engine/fusedRows.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import { loadNative } from '../../../src/native/index.js';

/** How the sums over the pairs of an anchor are made: by the kernels of the addon, or of tensors. */
export const ROW_PATHS = loadNative() ? (['fused', 'tensors'] as const) : (['tensors'] as const);

/** The tests of `define` once on each path. */
export function onEachRowPath(define: () => void): void {
  describe.each(ROW_PATHS)('by rows that are %s', (path) => {
    let registered: ReturnType<typeof fusedRows>;
    beforeAll(async () => {
      await openEngine();
      registered = fusedRows();
      registerFusedRows(path === 'fused' ? loadNative()?.rows : undefined);
    });
    afterAll(() => registerFusedRows(registered));
    define();
  });
}
