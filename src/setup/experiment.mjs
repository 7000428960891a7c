import { runCompiled } from './prepare.mjs';

await runCompiled('experiments/main.js');
