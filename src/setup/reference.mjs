import { runCompiled } from './prepare.mjs';

await runCompiled('src/cli/reference/main.js');
