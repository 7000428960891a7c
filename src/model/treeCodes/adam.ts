import { unbiased } from '../../training/biasCorrection.js';

const EPSILON = 1e-8;

/**
 * Adam on plain arrays in float64. All values move at every step, also those without a gradient, by their momentum: when
 * only those with one moved, codes of mammals came out a fifth worse.
 * @source Kingma and Ba 2015, arXiv:1412.6980, algorithm 1, with both bias corrections in the rate (section 2)
 */
export class Adam {
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private steps = 0;

  constructor(
    private readonly values: Float64Array,
    private readonly options: { readonly beta1: number; readonly beta2: number },
  ) {
    this.first = new Float64Array(values.length);
    this.second = new Float64Array(values.length);
  }

  /** Moves the values against `gradient`, one number a value. */
  apply(gradient: Float64Array, learningRate: number): void {
    const { values, first, second } = this;
    const { beta1, beta2 } = this.options;
    this.steps++;
    const { rate, epsilon } = unbiased(learningRate, this.steps, { beta1, beta2, epsilon: EPSILON });
    for (let k = 0; k < values.length; k++) {
      const g = gradient[k];
      first[k] = beta1 * first[k] + (1 - beta1) * g;
      second[k] = beta2 * second[k] + (1 - beta2) * g * g;
      values[k] -= (rate * first[k]) / (Math.sqrt(second[k]) + epsilon);
    }
  }
}
