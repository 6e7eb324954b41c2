#!/usr/bin/env node
/** The program `bilevel`: the only module that runs when it is loaded. */
import { processIo } from './io.ts';
import { main } from './program.ts';

// `bilevel explain | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await main(process.argv.slice(2), processIo);
