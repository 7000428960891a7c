import { describe, expect, it } from 'vitest';
import { compareShares, ensembleSentence, rivalSentence } from '../../src/report/findings.js';
import { standardError } from '../../src/report/scores.js';
import { METRICS } from './example.js';

const score = (recallAt1: number) => ({ recallAt1, recallAt10: recallAt1, mapAtR: recallAt1 });
const retrieval = (euclidean: number, hyperbolic: number, ensemble: number) => ({
  ...METRICS.retrieval,
  euclidean: score(euclidean),
  hyperbolic: score(hyperbolic),
  ensemble: score(ensemble),
});

describe('compareShares', () => {
  it('takes the standard error of a difference of independent shares', () => {
    // By hand: sqrt(2 * 0.5 * 0.5 / 100) = 0.0707.
    expect(standardError(0.5, 100)).toBeCloseTo(0.05, 12);
    expect(compareShares(0.5, 0.5, 100).standardError).toBeCloseTo(Math.sqrt(0.005), 12);
  });

  it('calls a difference of two standard errors or less a tie', () => {
    expect(compareShares(0.64, 0.5, 100).kind).toBe('higher');
    expect(compareShares(0.63, 0.5, 100).kind).toBe('tie');
    expect(compareShares(0.5, 0.64, 100).kind).toBe('lower');
    expect(compareShares(0.5, 0.5, 100).kind).toBe('equal');
  });

  it('says nothing where a share is missing', () => {
    expect(compareShares(Number.NaN, 0.5, 100).kind).toBe('unknown');
    expect(compareShares(0.5, 0.5, 0).kind).toBe('unknown');
  });
});

describe('ensembleSentence', () => {
  it('states a null result where the gain is within the noise', () => {
    const sentence = ensembleSentence(retrieval(0.9785, 0.977, 0.979), 2000, 'free');
    expect(sentence).toContain('a difference of 0.05 points with a standard error of 0.46');
    expect(sentence).toContain('null result');
  });

  it('states a gain over the better head only where it is measured', () => {
    expect(ensembleSentence(retrieval(0.9, 0.91, 0.95), 2000, 'free')).toMatch(
      /95\.0% against 91\.0% for the better single head \(hyperbolic\).*beats either head/,
    );
  });

  it('states a loss as a loss', () => {
    expect(ensembleSentence(retrieval(0.95, 0.91, 0.9), 2000, 'free')).toContain(
      'worse than its better head',
    );
  });

  it('explains equal scores by the feeding only where that is the reason', () => {
    expect(ensembleSentence(retrieval(0.97, 0.97, 0.97), 2000, 'unit')).toContain('has to be so');
    expect(ensembleSentence(retrieval(0.97, 0.97, 0.97), 2000, 'free')).toContain('null result');
  });

  it('says that it cannot say where a score is missing', () => {
    expect(ensembleSentence(retrieval(0.97, Number.NaN, 0.97), 2000, 'free')).toContain('cannot be said');
  });
});

describe('rivalSentence', () => {
  it('gives gap and direction from the numbers', () => {
    expect(rivalSentence(METRICS.retrieval, 'rawPixels', 2000)).toContain('24.8 points above');
    const worse = { ...METRICS.retrieval, rawPixels: score(0.999) };
    expect(rivalSentence(worse, 'rawPixels', 2000)).toContain('2.0 points below');
    const same = { ...METRICS.retrieval, noInvariance: score(0.98) };
    expect(rivalSentence(same, 'noInvariance', 2000)).toContain('no difference was measured');
  });
});
