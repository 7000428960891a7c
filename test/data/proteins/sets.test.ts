import { describe, expect, it } from 'vitest';
import { FormatError, MissingError } from '../../../src/core/errors.js';
import {
  boxCentre,
  dockstringFolder,
  hasDockstring,
  loadDockstring,
} from '../../../src/data/proteins/dockstring.js';
import { hasTheseus, loadTheseus, theseusFolder } from '../../../src/data/proteins/theseus.js';

describe('boxCentre', () => {
  it('reads three lines, and names one that lacks', () => {
    expect(boxCentre('center_x = 15.851\ncenter_y = -14\ncenter_z=3.9\nsize_x = 30\n', 'c')).toEqual([
      15.851, -14, 3.9,
    ]);
    expect(() => boxCentre('center_x = 1\ncenter_z = 2\n', 'c.txt')).toThrow(FormatError);
    expect(() => boxCentre('center_x = 1\ncenter_z = 2\n', 'c.txt')).toThrow(/c\.txt: .*center_y/);
  });
});

describe('without the data', () => {
  it('says which command fetches them', () => {
    expect(() => loadDockstring(dockstringFolder('/nowhere'))).toThrow(MissingError);
    expect(() => loadDockstring(dockstringFolder('/nowhere'))).toThrow(/npm run fetch -- dockstring/);
    expect(() => loadTheseus(theseusFolder('/nowhere'))).toThrow(/npm run fetch -- theseus/);
  });
});

describe.skipIf(!hasDockstring())('dockstring', () => {
  it('has 58 targets, 171,291 atoms and 17,368 residues with C-alpha', () => {
    const targets = loadDockstring();
    const alphas = targets.flatMap(({ protein }) => protein.residues.filter(({ alpha }) => alpha >= 0));
    expect(targets).toHaveLength(58);
    expect(targets.reduce((sum, { protein }) => sum + protein.elements.length, 0)).toBe(171_291);
    expect(alphas).toHaveLength(17_368);
  });
});

describe.skipIf(!hasTheseus())('theseus', () => {
  it('has 424 chains of three families, some of before 1996', () => {
    const chains = loadTheseus();
    const count = (name: string) => chains.filter(({ family }) => family === name).length;
    expect([count('ldh'), count('trypsins'), count('cytochromes')]).toEqual([225, 189, 10]);
    const old = chains.find(({ name }) => name === '3RP2_A');
    expect(new Set(old?.protein.elements)).toEqual(new Set(['C', 'N', 'O', 'S']));
  }, 30_000);
});
