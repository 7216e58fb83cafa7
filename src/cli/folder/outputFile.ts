import { statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { badInput } from '../cliIo.js';
import { noteTemporary } from './temporaryPaths.js';

/** Checks, before any work, that files may be written at these paths (option -> path). Throws `cli/bad-input`. */
export function checkOutputFiles(paths: Readonly<Record<string, string | undefined>>): void {
  for (const [option, path] of Object.entries(paths)) {
    if (path === undefined) continue;
    const folder = dirname(resolve(path));
    if (!statOf(folder)?.isDirectory()) throw badInput(`${option} ${path}: there is no folder ${folder}. Make it first.`, { path });
    if (statOf(path)?.isDirectory()) throw badInput(`${option} ${path} is a folder; name a file.`, { path });
  }
}

/** Writes a file beside its place and moves it there: whoever looks sees the old file or the whole new one. */
export function writeOutputFile(path: string, content: string | Uint8Array): Promise<void> {
  return replaceFile(path, (place) => writeFile(place, content));
}

/** The same for a file that is written in pieces: `write` is told where. Nothing is left behind when it throws. */
export async function replaceFile(path: string, write: (place: string) => Promise<void>): Promise<void> {
  const target = resolve(path);
  const stats = statOf(target);
  // A device or a pipe (/dev/stdout) cannot be replaced.
  if (stats && !stats.isFile()) return write(target);
  const fresh = join(dirname(target), `.${basename(target)}.new-${process.pid}`);
  const forget = noteTemporary(fresh);
  try {
    await write(fresh);
    await rename(fresh, target);
  } catch (cause) {
    await rm(fresh, { force: true });
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOSPC' || code === 'EROFS')
      throw badInput(`${path} cannot be written (${code === 'ENOSPC' ? 'the disk is full' : 'no permission'}).`, { path, code }, cause);
    throw cause;
  } finally {
    forget();
  }
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // Something on the way there is no folder.
  }
}
