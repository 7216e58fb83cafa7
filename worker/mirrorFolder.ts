/** What can be known and said of the mirror without its code (mirror.js). */
const FOLDER = 'shelfmate';
/** A file of this name says: the mirror holds what was meanwhile forgotten, do not believe it. */
export const VOID_PREFIX = 'void-';

/** Rejects where there is no origin-private file system, and when the folder is not there and not to be made. */
export async function mirrorFolder(options: FileSystemGetDirectoryOptions): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, options);
}

/** Whether there is a mirror, of this visit or an earlier one. */
export async function isMirrorThere(): Promise<boolean> {
  return mirrorFolder({}).then(
    () => true,
    () => false,
  );
}

/** Declares what the mirror holds void, until it is written anew. Needs no lock: works while another tab hangs on to the files. */
export async function declareVoid(uniqueName: string): Promise<void> {
  await (await mirrorFolder({ create: false })).getFileHandle(VOID_PREFIX + uniqueName, { create: true });
}
