import { rmSync } from 'node:fs';

const paths = new Set<string>();

/** Notes a file or folder that is being written, so that a process that must end at once can take it away. Returns what takes the note back. */
export function noteTemporary(path: string): () => void {
  paths.add(path);
  return () => paths.delete(path);
}

/** Removes everything noted, without waiting for the event loop: for a second Ctrl-C. */
export function removeTemporary(): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
  paths.clear();
}
