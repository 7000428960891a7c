/** One thing that gyrometric uses, as it is on this machine. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What is there, or what is missing or wrong. */
  readonly found: string;
  /** If not ok: what it costs to be without it. */
  readonly cost?: string;
  /** If not ok: the command that mends it. */
  readonly remedy?: string;
}

/**
 * What setting up needs of this machine: python, compiler, cache, libraries of TensorFlow. No network is asked and
 * nothing is written.
 * @param root folder of gyrometric's package.json
 */
export function examineMachine(root: string): Promise<readonly Finding[]>;
