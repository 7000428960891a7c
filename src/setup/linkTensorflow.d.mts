export interface LinkOptions {
  /** Folder of the package.json whose node_modules are linked. */
  readonly root: string;
  /** Takes progress, one line at a time. */
  readonly log: (line: string) => void;
  /** Folder of @tensorflow/tfjs-node-gpu; by default that which Node finds from `root`, else one in the cache. */
  readonly packageDir?: string;
  /** Choose anew, even if the TensorFlow linked before still works. */
  readonly again?: boolean;
}

export interface LinkResult {
  /** current: nothing had to be done; unavailable: the engine has to run on something else. */
  readonly status: 'linked' | 'current' | 'unavailable';
  /** TensorFlow's version, as the library itself gives it. */
  readonly version?: string;
  /** Folder of the linked libraries. */
  readonly library?: string;
  /** One sentence: what is missing and what to do about it. */
  readonly reason?: string;
}

/**
 * Compiles the addon of @tensorflow/tfjs-node-gpu against a current TensorFlow and puts it where that package looks.
 * Every failure is `unavailable` with its reason, but one:
 * @throws Error if a downloaded wheel does not have the pinned sha256
 */
export function linkTensorflow(options: LinkOptions): Promise<LinkResult>;
