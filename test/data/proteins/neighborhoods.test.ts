import { describe, expect, it } from 'vitest';
import { DomainError, UsageError } from '../../../src/core/errors.js';
import { Rng } from '../../../src/core/rng.js';
import { cellGrid, pointsWithin } from '../../../src/data/proteins/cellGrid.js';
import { neighborhoodFinder } from '../../../src/data/proteins/neighborhoods.js';
import { type AtomRecord, proteinOf } from '../../../src/data/proteins/protein.js';

const atom = (residue: number, name: string, element: string, x: number, y = 0, z = 0): AtomRecord => ({
  ...{ hetero: false, name, alternative: '', residue: 'ALA', chain: 'A', number: residue, insertion: '' },
  ...{ position: [x, y, z], occupancy: 1, element },
});

const PROTEIN = proteinOf([
  atom(1, 'N', 'N', 0),
  atom(1, 'CA', 'C', 1),
  atom(1, 'HA', 'H', 1.5),
  atom(2, 'N', 'N', 1, 10),
  atom(2, 'CA', 'C', 1, 10.001),
  atom(3, 'SG', 'S', 1, 3, 4),
  atom(4, 'CA', 'C', 1000),
]);

describe('pointsWithin', () => {
  it('finds what trial of all points finds, on both sides of the origin', () => {
    const rng = new Rng(1);
    const positions = Float64Array.from({ length: 600 }, () => rng.uniform(-12, 12));
    const grid = cellGrid(positions, 5);
    for (let i = 0; i < 20; i++) {
      const [x, y, z] = [rng.uniform(-14, 14), rng.uniform(-14, 14), rng.uniform(-14, 14)];
      const expected = Array.from({ length: 200 }, (_, p) => p).filter(
        (p) => Math.hypot(positions[3 * p] - x, positions[3 * p + 1] - y, positions[3 * p + 2] - z) <= 5,
      );
      expect(pointsWithin(grid, x, y, z)).toEqual(expected);
    }
  });

  it('counts the border, and refuses a side that is none', () => {
    const grid = cellGrid(Float64Array.of(5, 0, 0, -5, 0, 0, 5.001, 0, 0), 5);
    expect(pointsWithin(grid, 0, 0, 0)).toEqual([0, 1]);
    expect(() => cellGrid(new Float64Array(3), 0)).toThrow(DomainError);
  });
});

describe('neighborhoodFinder', () => {
  it('has the atoms of its elements within the radius, seen from the C-alpha, which is left out', () => {
    const { points, kinds } = neighborhoodFinder(PROTEIN)(0);
    expect(Array.from(kinds)).toEqual([1, 1, 3]);
    expect(Array.from(points.data)).toEqual([-1, 0, 0, 0, 10, 0, 0, 3, 4]);
  });

  it('tells own atoms from those of others', () => {
    const kindsOf = (atoms: 'own' | 'others') => Array.from(neighborhoodFinder(PROTEIN, { atoms })(0).kinds);
    expect(kindsOf('own')).toEqual([1]);
    expect(kindsOf('others')).toEqual([1, 3]);
    expect(Array.from(neighborhoodFinder(PROTEIN, { elements: ['H', 'S'] })(0).kinds)).toEqual([0, 1]);
  });

  it('counts the atoms of the residues that it is told to', () => {
    const counts = ({ number }: { readonly number: number }) => number !== 2;
    expect(Array.from(neighborhoodFinder(PROTEIN, { counts })(0).kinds)).toEqual([1, 3]);
  });

  it('names the residue whose neighbourhood is empty, or that has no C-alpha', () => {
    const find = neighborhoodFinder(PROTEIN);
    expect(() => find(3)).toThrow(DomainError);
    expect(() => find(3)).toThrow(/ALA A 4: expected atoms, got "none"/);
    expect(() => find(2)).toThrow(UsageError);
    expect(() => find(2)).toThrow(/ALA A 3: expected a C-alpha/);
    expect(() => find(4)).toThrow(UsageError);
  });

  it('names another atom at the centre', () => {
    const doubled = proteinOf([atom(1, 'N', 'N', 0), atom(1, 'CA', 'C', 2), atom(2, 'O', 'O', 2)]);
    expect(() => neighborhoodFinder(doubled)(0)).toThrow(DomainError);
    expect(() => neighborhoodFinder(doubled)(0)).toThrow(/ALA A 1: .*atom 2 \(O\) at the centre/);
  });

  it('refuses elements that are none', () => {
    expect(() => neighborhoodFinder(PROTEIN, { elements: ['C', 'Xx'] })).toThrow(UsageError);
    expect(() => neighborhoodFinder(PROTEIN, { elements: ['CL'] })).toThrow(/"CL"/);
  });
});
