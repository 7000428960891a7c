import { describe, expect, it } from 'vitest';
import { hasFurniture, loadFurniture } from '../../src/data/furniture/furniture.js';

describe.skipIf(!hasFurniture())('the fetched catalogues', () => {
  it('have 820 models of 12 categories, 355 of them of 30 last words with 5 or more', {
    timeout: 120_000,
  }, () => {
    const models = loadFurniture();
    expect(models).toHaveLength(820);
    expect(new Set(models.map(({ category }) => category)).size).toBe(12);
    const sizes = new Map<string, number>();
    for (const { word } of models) sizes.set(word, (sizes.get(word) ?? 0) + 1);
    const large = [...sizes.values()].filter((size) => size >= 5);
    expect([large.length, large.reduce((a, b) => a + b)]).toEqual([30, 355]);
  });
});
