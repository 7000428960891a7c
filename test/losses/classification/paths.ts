import { afterAll, beforeEach, describe } from 'vitest';
import { type FusedClasses, fusedClasses, registerFusedClasses } from '../../../src/engine/fusedClasses.js';
import { loadNative } from '../../../src/native/index.js';

/** The tests by the fused kernels, where the addon is, and on tensors alone. */
export function describePaths(tests: () => void): void {
  describe.each(loadNative() ? ['fused kernels', 'tensors'] : ['tensors'])('by %s', (path) => {
    let registered: FusedClasses | undefined;
    beforeEach(() => {
      registered ??= fusedClasses();
      registerFusedClasses(path === 'tensors' ? undefined : loadNative()?.classes);
    });
    afterAll(() => registerFusedClasses(registered));
    tests();
  });
}
