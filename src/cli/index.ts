#!/usr/bin/env node
import { removeTemporary } from './folder/temporaryPaths.js';
import { runCli } from './runCli.js';

const stopping = new AbortController();
// The first Ctrl-C stops in good order, a second one at once; neither leaves half a folder.
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stopping.signal.aborted) {
      removeTemporary();
      process.exit(130);
    }
    stopping.abort();
  });
}
// A reader that goes away (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: Date.now,
  fetch: globalThis.fetch,
  signal: stopping.signal,
});
