/** What can be known and said of the mirror without its code (mirror.js). */
/** A file of this name says: the mirror holds what was meanwhile forgotten, do not believe it. */
export const VOID_PREFIX = 'void-';

/** `name`: that of the database it mirrors. Rejects where there is no origin-private file system, and when the folder is not there and not to be made. */
export async function mirrorFolder(name: string, options: FileSystemGetDirectoryOptions): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(name, options);
}

/** Whether there is a mirror, of this visit or an earlier one. */
export async function isMirrorThere(name: string): Promise<boolean> {
  return mirrorFolder(name, {}).then(
    () => true,
    () => false,
  );
}

/** Declares what the mirror holds void, until it is written anew. Needs no lock: works while another tab hangs on to the files. */
export async function declareVoid(name: string, uniqueName: string): Promise<void> {
  await (await mirrorFolder(name, { create: false })).getFileHandle(VOID_PREFIX + uniqueName, { create: true });
}
