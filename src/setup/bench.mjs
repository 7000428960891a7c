import { runCompiled } from './prepare.mjs';

await runCompiled('experiments/bench/main.js');
