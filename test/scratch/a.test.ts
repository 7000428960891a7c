import { it } from 'vitest';
import { loadStructures, drawSites, coefficientsOf, multiplicitiesOf } from '../../experiments/residues/structures.js';
import { Rng, powerSpectrum, trainLogistic, predictLogistic, matrix } from '../../src/index.js';
it('x', () => {
  const settings = { radius: 10, degree: 6, order: 20, excluded: [] } as any;
  const s = loadStructures(settings);
  const rng = new Rng(1);
  const tr = drawSites(s, 'ldh', 1500, rng);
  const te = drawSites(s, 'trypsins', 1500, rng);
  for (const atoms of ['own', 'all'] as const) {
    let t = Date.now();
    const a = coefficientsOf(tr, s, atoms, settings), b = coefficientsOf(te, s, atoms, settings);
    console.log(atoms, 'coef ms', Date.now() - t, a.columns);
    t = Date.now();
    const m = multiplicitiesOf(settings);
    const pa = powerSpectrum(a, m), pb = powerSpectrum(b, m);
    for (const [n, f] of [['power', (x: number) => x], ['root', Math.sqrt], ['log', (x: number) => Math.log(x + 1e-6)]] as const)
      for (const c of [0.01, 0.1, 1]) {
        t = Date.now();
        const M = (q: any) => matrix(Float64Array.from(q.data, (v: any) => f(v)), q.rows, q.columns);
        const model = trainLogistic(M(pa), tr.map((x) => x.type), { c, classes: 20, iterations: 100, tolerance: 1e-4 });
        const p = predictLogistic(model, M(pb));
        console.log(atoms, n, c, p.filter((v, i) => v === te[i].type).length / te.length, Date.now() - t);
      }
  }
}, 400000);
