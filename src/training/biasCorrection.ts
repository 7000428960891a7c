export interface AdamRates {
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** > 0 */
  readonly epsilon: number;
}

/**
 * Learning rate and epsilon with both bias corrections of the step `steps` (1 the first) put into them.
 * @source Kingma and Ba 2015, arXiv:1412.6980, section 2
 */
export function unbiased(learningRate: number, steps: number, { beta1, beta2, epsilon }: AdamRates) {
  const unbias = Math.sqrt(1 - beta2 ** steps);
  return { rate: (learningRate * unbias) / (1 - beta1 ** steps), epsilon: epsilon * unbias };
}
