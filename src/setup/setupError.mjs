/** Setting up cannot go on; the message is all that the user needs to see. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/** TensorFlow cannot be had here, and that is no reason to stop: the engine has another way. */
export class Unavailable extends Error {
  /** @override */
  name = 'Unavailable';
  /**
   * @param {string} problem what is missing
   * @param {string} remedy what brings it, as in "until you ..."
   */
  constructor(problem, remedy) {
    super(`${problem}; the engine runs on WASM until you ${remedy}`);
    this.problem = problem;
    this.remedy = remedy;
  }
}

export const USE_INSTALLED = 'set GYROMETRIC_TENSORFLOW to the folder of an installed TensorFlow';
