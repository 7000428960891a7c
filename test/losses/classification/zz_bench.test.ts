import { writeFileSync } from 'node:fs';
import { beforeAll, it } from 'vitest';
import { Rng } from '../../../src/core/rng.js';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { arcFace, subCenterArcFace } from '../../../src/losses/classification/arcFace.js';
import { cosFace } from '../../../src/losses/classification/cosFace.js';
import { largeMarginSoftmax, sphereFace } from '../../../src/losses/classification/multiplicativeMargin.js';
import { p2sGrad } from '../../../src/losses/classification/p2sGrad.js';
import { proxyAnchor } from '../../../src/losses/classification/proxyAnchor.js';
import { instance, normalizedSoftmax, proxyNca } from '../../../src/losses/classification/proxySoftmax.js';
import { softTriple } from '../../../src/losses/classification/softTriple.js';
import { divisor, mean, reduceTerms } from '../../../src/losses/reducers.js';

beforeAll(async () => {
  await openEngine();
});
it('bench', () => {
  const [n, d, k] = [1024, 128, 256];
  const rng = new Rng(1);
  const r = (a: number, b: number) =>
    tf.tensor2d(
      Float32Array.from({ length: a * b }, () => rng.normal()),
      [a, b],
    );
  const x = r(n, d);
  const w: Record<number, tf.Tensor2D> = { 1: r(k, d), 3: r(k * 3, d), 10: r(k * 10, d) };
  const labels = tf.tensor1d(
    Int32Array.from({ length: n }, () => rng.below(k)),
    'int32',
  );
  const L: Record<string, [any, number, any]> = {
    arcFace: [arcFace, 1, mean],
    cosFace: [cosFace, 1, mean],
    sphereFace: [sphereFace, 1, mean],
    largeMarginSoftmax: [largeMarginSoftmax, 1, mean],
    subCenterArcFace: [subCenterArcFace, 3, mean],
    normalizedSoftmax: [normalizedSoftmax, 1, mean],
    proxyNca: [proxyNca, 1, mean],
    proxyAnchor: [proxyAnchor, 1, divisor],
    softTriple: [softTriple, 10, mean],
    p2sGrad: [p2sGrad, 1, mean],
    instance: [instance, 1, mean],
  };
  const out: Record<string, number[]> = {};
  for (const [name, [f, c, red]] of Object.entries(L)) {
    const step = () => {
      const { value, grads } = tf.tidy(() =>
        name === 'instance'
          ? tf.valueAndGrads((e) => reduceTerms(f({ embeddings: e, labels }), red))([x])
          : tf.valueAndGrads((e, cv) => reduceTerms(f({ embeddings: e, classVectors: cv, labels }), red))([
              x,
              w[c],
            ]),
      );
      value.dataSync();
      tf.dispose([value, ...grads]);
    };
    for (let i = 0; i < 5; i++) step();
    const t: number[] = [];
    for (let i = 0; i < 30; i++) {
      const s = performance.now();
      step();
      t.push(performance.now() - s);
    }
    t.sort((a, b) => a - b);
    out[name] = [t[15], t[3]];
  }
  writeFileSync('/tmp/classbench.json', JSON.stringify(out));
}, 120000);
