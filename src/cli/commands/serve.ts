import { existsSync, statSync } from 'node:fs';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { CliIo } from '../cliIo.js';
import { badInput } from '../cliIo.js';
import { createModelServer } from '../folder/modelServer.js';
import { painter } from '../terminal.js';
import { count } from './options.js';

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
}

/** Adds `shelfmate serve`. */
export function addServeCommand(program: Command, io: CliIo): void {
  program
    .command('serve')
    .summary('serve model folders from this machine, with the right headers')
    .description(
      'Serves a folder, or a folder of model folders: hashed files cached for ever, the manifest revalidated, readable from any origin. Ctrl-C ends it.',
    )
    .argument('<folder>', 'a model folder, or a folder that holds some')
    .option('--port <n>', 'port; 0: any that is free', count('--port', 0, 65_535), 8080)
    .option('--host <name>', 'address to listen on; 0.0.0.0: also reachable from other machines', '127.0.0.1')
    .addHelpText('after', '\nExample:\n  shelfmate serve public/model --port 8080')
    .action((folder: string, options: ServeOptions) => serve(folder, options, io));
}

/** Runs `shelfmate serve` until Ctrl-C. Throws `cli/bad-input` when there is no such folder or the port is taken. */
export async function serve(folder: string, { port, host }: ServeOptions, io: CliIo): Promise<void> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw badInput(`There is no folder ${folder}. Check the path.`, { path: folder });
  const server = createModelServer(folder);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason =
      code === 'EADDRINUSE'
        ? `Port ${port} is taken. Choose another with --port, or 0 for any that is free`
        : `Port ${port} of ${host} cannot be opened (${code})`;
    throw badInput(`${reason}.`, { port, host }, cause);
  }
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}/`;
  const paint = painter(io, io.stdout);
  io.stdout.write(`${paint('green', 'Serving')} ${folder} at ${address}\n`);
  if (existsSync(join(folder, 'manifest.json'))) io.stdout.write(`In a page: createRecommender({ model: '${address}' })\n`);
  if (!io.signal.aborted) await once(io.signal, 'abort');
  server.closeAllConnections();
  server.close();
}
