import { runCompiled } from './prepare.mjs';

await runCompiled('src/cli/gyrometric.js', ['quickstart', ...process.argv.slice(2)]);
