import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireName } from '../../experiments/commandLine.js';
import { UsageError } from '../../src/core/errors.js';
import { packageRoot } from '../../src/core/packageRoot.js';

const experiments = join(packageRoot, 'experiments');

describe('the name of an experiment', () => {
  it('is that of a folder with a run.ts', () => {
    expect(requireName('experiment', experiments, 'feeding')).toBe('feeding');
    expect(requireName('bench', join(experiments, 'bench'), 'distances')).toBe('distances');
  });

  it.each([undefined, 'nosuch', 'bench', '../src', 'main.ts', ''])(
    'is not %s: those there are are listed',
    (name) => {
      const choose = () => requireName('experiment', experiments, name);
      expect(choose).toThrow(UsageError);
      expect(choose).toThrow(
        /^experiment: expected one of .*feeding, .*wordnet.*, got .*; try npm run experiment -- \S+$/,
      );
    },
  );

  it('is listed without those of benches, and the other way round', () => {
    expect(() => requireName('experiment', experiments, 'nosuch')).not.toThrow(/\b(bench|limits)\b/);
    expect(() => requireName('bench', join(experiments, 'bench'), 'feeding')).toThrow(
      /^bench: expected one of cg, closure, distances, distances-report, encoders, index, index-life, limits, losses, got feeding; try npm run bench -- cg$/,
    );
  });
});
