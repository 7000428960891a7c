import { afterAll, beforeEach, describe } from 'vitest';
import { type FusedKernels, fused, registerFused } from '../../../src/engine/fused.js';
import { loadNative } from '../../../src/native/index.js';

/** The tests by the fused kernels, where the addon is, and on tensors alone. */
export function describePaths(tests: () => void): void {
  describe.each(loadNative() ? ['fused kernels', 'tensors'] : ['tensors'])('by %s', (path) => {
    let registered: FusedKernels['classes'] | undefined;
    beforeEach(() => {
      registered ??= fused('classes');
      registerFused('classes', path === 'tensors' ? undefined : loadNative()?.classes);
    });
    afterAll(() => registerFused('classes', registered));
    tests();
  });
}
