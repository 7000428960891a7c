#!/usr/bin/env node
import { runCommandLine } from './main.js';
import { outliveClosedPipes } from './output.js';

outliveClosedPipes();
process.exitCode = await runCommandLine(process.argv.slice(2));
