import { it } from 'vitest';
import { openEngine } from '../../../src/engine/openEngine.js';
import * as tf from '../../../src/engine/tf.js';
import { angularLoss } from '../../../src/losses/pairs/angular.js';
import { circleLoss } from '../../../src/losses/pairs/circle.js';
import { DynamicSoftMargin } from '../../../src/losses/pairs/dynamicSoftMargin.js';
import { generalizedLiftedStructureLoss } from '../../../src/losses/pairs/generalizedLiftedStructure.js';
import { liftedStructureLoss } from '../../../src/losses/pairs/liftedStructure.js';
import { multiSimilarityLoss } from '../../../src/losses/pairs/multiSimilarity.js';
import { nPairsLoss } from '../../../src/losses/pairs/nPairs.js';
import { neighborhoodComponentsLoss } from '../../../src/losses/pairs/neighborhoodComponents.js';
import { ntXentLoss } from '../../../src/losses/pairs/ntXent.js';
import { supConLoss } from '../../../src/losses/pairs/supCon.js';
import { tupletMarginLoss } from '../../../src/losses/pairs/tupletMargin.js';
import { fastApLoss } from '../../../src/losses/ranking/fastAp.js';
import { histogramLoss } from '../../../src/losses/ranking/histogram.js';
import { priorPairsLoss } from '../../../src/losses/ranking/priorPairs.js';
import { smoothApLoss } from '../../../src/losses/ranking/smoothAp.js';
import { avgNonZero, mean, reduceTerms } from '../../../src/losses/reducers.js';
import { metricOn } from '../../../src/manifolds/manifoldOn.js';
import { normalizeRows } from '../../../src/manifolds/cosine.js';
import { pairsOfLabels } from '../../../src/sampling/pairs.js';
const S: any = { 
  none: [(c: any) => ({ loss: { values: tf.sum(tf.mul(c.distances, c.plan.positives), 1), counts: tf.sum(c.plan.positives, 1) } }), 'cosine', mean],
  supCon: [supConLoss, 'cosine', avgNonZero], multiSimilarity: [multiSimilarityLoss, 'cosine', mean], circle: [circleLoss, 'cosine', avgNonZero],
  generalizedLiftedStructure: [generalizedLiftedStructureLoss, 'l2', mean], nPairs: [nPairsLoss, 'cosine', mean], neighborhoodComponents: [neighborhoodComponentsLoss, 'l22', mean],
  fastAp: [fastApLoss, 'l22', mean], angular: [angularLoss, 'cosine', mean], ntXent: [ntXentLoss, 'cosine', mean], tupletMargin: [tupletMarginLoss, 'cosine', mean],
  liftedStructure: [liftedStructureLoss, 'l2', mean], smoothAp: [smoothApLoss, 'cosine', mean], priorPairs: [priorPairsLoss, 'cosine', mean], histogram: [histogramLoss, 'cosine', mean],
  dynamicSoftMargin: [(c: any) => { const m = new DynamicSoftMargin(); const t = m.loss(c); m.dispose(); return t; }, 'l2', mean] };
it('bench', async () => {
  await openEngine();
  for (const [n, k, names, reps] of JSON.parse(process.env.BENCH as string)) {
    const labels = Int32Array.from({ length: n }, (_, i) => Math.floor(i / (n / k)));
    for (const nm of names.split(',')) {
      const [loss, dist, red] = S[nm];
      let best = 1e9;
      for (let r = 0; r < reps; r++) {
        const x = tf.randomNormal([n, 128]); x.dataSync();
        const t = performance.now();
        tf.tidy(() => {
          const { value, grad } = tf.valueAndGrad((e: any) => {
            const plan = pairsOfLabels(tf.tensor1d(labels, 'int32'));
            let d: any, zero: any = {};
            if (dist === 'cosine') { d = metricOn({ kind: 'cosine', dim: 128 }).pairwise(e, e); zero = { zero: 1 }; }
            else { const u = normalizeRows(e); d = metricOn({ kind: 'euclidean', dim: 128 }).pairwise(u, u); if (dist === 'l22') d = tf.square(d); }
            return reduceTerms(loss({ distances: d, plan, ...zero }), red);
          })(x);
          value.dataSync(); grad.dataSync();
        });
        best = Math.min(best, performance.now() - t);
        x.dispose();
      }
      console.log(`ours ${n}x${k} ${nm} ${best.toFixed(1)}`);
    }
  }
}, 1200000);
