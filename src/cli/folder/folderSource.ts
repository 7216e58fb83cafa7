import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CliIo } from '../cliIo.js';
import { badInput } from '../cliIo.js';

/** A model folder to read from: on disk, or published. */
export interface FolderSource {
  /** As the person wrote it. */
  readonly name: string;
  readonly isRemote: boolean;
  /** Headers of the files read so far, by file name; empty on disk. */
  readonly headers: ReadonlyMap<string, Headers>;
  /** Bytes of one file of the folder. Throws `cli/bad-input` saying why they cannot be had. */
  read(file: string): Promise<Uint8Array>;
}

/** Opens a folder by path or http(s) address. The address may name the manifest itself. */
export async function openFolder(name: string, io: CliIo): Promise<FolderSource> {
  if (/^https?:\/\//i.test(name)) return openRemote(name, io);
  const stats = await stat(name).catch(() => null);
  if (!stats) throw badInput(`There is no folder ${name}. Check the path.`, { path: name });
  if (!stats.isDirectory()) throw badInput(`${name} is a file; name the model folder that holds manifest.json.`, { path: name });
  return {
    name,
    isRemote: false,
    headers: new Map(),
    read: async (file) => {
      try {
        return await readFile(join(name, file));
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
          throw badInput(`${join(name, file)} cannot be read: ${(cause as Error).message}`, {}, cause);
        const hint =
          file === 'manifest.json'
            ? 'It is no model folder; shelfmate train or shelfmate pack make one.'
            : 'The manifest lists it: copy the whole folder again.';
        throw badInput(`${name} has no ${file}. ${hint}`, { path: name, file }, cause);
      }
    },
  };
}

function openRemote(name: string, io: CliIo): FolderSource {
  const headers = new Map<string, Headers>();
  const base = name.replace(/manifest\.json$/, '').replace(/\/?$/, '/');
  return {
    name,
    isRemote: true,
    headers,
    read: async (file) => {
      const url = base + file;
      let response: Response;
      let bytes: Uint8Array;
      try {
        response = await io.fetch(url, { signal: io.signal });
        bytes = new Uint8Array(await response.arrayBuffer());
      } catch (cause) {
        const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : (cause as Error).message;
        throw badInput(`${url} cannot be reached (${reason}). Check the address, and that the server runs.`, { url }, cause);
      }
      if (response.status === 404) {
        const hint =
          file === 'manifest.json'
            ? 'The address must be that of the folder that holds manifest.json.'
            : 'The manifest lists it: upload the whole folder again.';
        throw badInput(`${url}: the server has no such file (404). ${hint}`, { url, status: 404 });
      }
      if (!response.ok)
        throw badInput(`${url}: the server answered ${response.status} ${response.statusText}. Check that the folder is public.`, {
          url,
          status: response.status,
        });
      if (/text\/html/i.test(response.headers.get('content-type') ?? '')) {
        throw badInput(
          `${url}: the server answered with an HTML page instead of the file. It may answer every unknown address so; check the address of the folder.`,
          { url },
        );
      }
      headers.set(file, response.headers);
      return bytes;
    },
  };
}
