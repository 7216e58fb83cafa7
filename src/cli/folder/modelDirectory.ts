import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MODEL_FORMAT } from '../../core/artifact/manifest.js';
import type { ModelFolder, Sha256 } from '../../core/artifact/writeModelFolder.js';
import { badInput, throwIfAborted } from '../cliIo.js';
import { noteTemporary } from './temporaryPaths.js';

/** SHA-256 by Node. */
export const sha256: Sha256 = async (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Bytes of all files, the manifest too. */
export function folderBytes(folder: ModelFolder): number {
  return folder.files.reduce((sum, file) => sum + file.bytes.length, 0);
}

/**
 * Checks, before any work, that a model folder may be written at `path`: nothing there, an empty folder, or an older model folder.
 * Throws `cli/bad-input` otherwise, unless `isForced`.
 */
export function checkTarget(path: string, isForced: boolean): void {
  const stats = targetStats(path);
  if (!stats) return;
  if (!stats.isDirectory()) throw badInput(`${path} is a file; --out must name a folder.`, { path });
  const entries = readdirSync(path);
  if (entries.length === 0 || isForced || isModelDirectory(path)) return;
  throw badInput(
    `${path} holds ${entries.length} files (${entries.slice(0, 3).join(', ')}) and is no model folder. Choose another --out, or say --force to replace it with all it holds.`,
    { path },
  );
}

/**
 * Writes the folder beside its place and moves it there in one step: whoever looks sees the old folder or the whole new one.
 * A failure or Ctrl-C leaves no trace.
 */
export async function writeModelDirectory(path: string, folder: ModelFolder, signal: AbortSignal): Promise<void> {
  const target = resolve(path);
  const suffix = `${process.pid}-${folder.manifest.revision.slice(-8)}`;
  const fresh = join(dirname(target), `.${basename(target)}.new-${suffix}`);
  const old = join(dirname(target), `.${basename(target)}.old-${suffix}`);
  const forget = noteTemporary(fresh);
  try {
    await mkdir(fresh, { recursive: true });
    for (const { path: name, bytes } of folder.files) {
      throwIfAborted(signal);
      await writeFile(join(fresh, name), bytes);
    }
    throwIfAborted(signal);
    if (existsSync(target)) await rename(target, old);
    try {
      await rename(fresh, target);
    } catch (error) {
      if (existsSync(old)) await rename(old, target);
      throw error;
    }
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true });
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOSPC' || code === 'EROFS') {
      throw badInput(
        `${path} cannot be written (${code === 'ENOSPC' ? 'the disk is full' : 'no permission'}). Choose another --out.`,
        { path, code },
        cause,
      );
    }
    throw cause;
  } finally {
    forget();
  }
  await rm(old, { recursive: true, force: true });
}

function targetStats(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTDIR') throw cause;
    throw badInput(`${path} cannot be made: what stands before its last name is a file. Choose another --out.`, { path }, cause);
  }
}

function isModelDirectory(path: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as { format?: unknown }).format === MODEL_FORMAT;
  } catch {
    return false;
  }
}
