import type { StepEvent } from '../core/records.js';

/** Mean cosine distance in a batch below which the codes are one point for every purpose. */
const COLLAPSED_SPREAD = 0.02;
/** Training starts from codes that are close together; before this step that means nothing. */
const PATIENCE = 50;

/** One sentence when the event shows codes that have run together, else undefined. */
export function collapseWarning({ step, parts }: StepEvent): string | undefined {
  const spread = parts['spread'];
  if (step < PATIENCE || spread === undefined || spread >= COLLAPSED_SPREAD) return undefined;
  return (
    `the codes have run together (mean cosine distance ${spread.toPrecision(2)} at step ${step}, ` +
    `expected at least ${COLLAPSED_SPREAD}); lower training.learningRate or raise loss.temperature.euclidean`
  );
}
