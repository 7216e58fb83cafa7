import type { ModelFile } from 'shelfmate/evaluation';

/** Reads what was dropped: files as they are, folders file by file with their paths. Call it within the drop event. */
export async function readDropped(transfer: DataTransfer): Promise<ModelFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  return (await Promise.all(entries.map(readEntry))).flat();
}

async function readEntry(entry: FileSystemEntry): Promise<ModelFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    // A reader hands out a folder in parts; an empty one is the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) break;
    children.push(...part);
  }
  return (await Promise.all(children.map(readEntry))).flat();
}

interface DirectoryHandle {
  readonly name: string;
  values(): AsyncIterable<(DirectoryHandle & { readonly kind: 'directory' }) | { kind: 'file'; name: string; getFile(): Promise<File> }>;
}

/** Lets the person choose a folder without the browser speaking of uploads. Null: the browser has no such picker, or they changed their mind. */
export async function pickFolder(): Promise<ModelFile[] | null | 'unsupported'> {
  const { showDirectoryPicker } = globalThis as { showDirectoryPicker?: () => Promise<DirectoryHandle> };
  if (!showDirectoryPicker) return 'unsupported';
  let handle: DirectoryHandle;
  try {
    handle = await showDirectoryPicker();
  } catch (error) {
    // In a frame, or by policy, it may be forbidden.
    return error instanceof DOMException && error.name === 'AbortError' ? null : 'unsupported';
  }
  return readHandle(handle, `${handle.name}/`);
}

async function readHandle(handle: DirectoryHandle, prefix: string): Promise<ModelFile[]> {
  const files: ModelFile[] = [];
  for await (const child of handle.values()) {
    if (child.kind === 'file') files.push({ path: prefix + child.name, file: await child.getFile() });
    else files.push(...(await readHandle(child, `${prefix}${child.name}/`)));
  }
  return files;
}
