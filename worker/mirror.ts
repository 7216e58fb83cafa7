/**
 * A second copy of the history, in the origin-private file system: a browser that is killed may find its IndexedDB
 * gone and begin an empty one without a word. Two files take turns. The one in use begins with a snapshot, and each write
 * adds one checksummed record and flushes; when it has grown, the other file gets a fresh snapshot and this one is emptied.
 *
 * Only to be used by the tab that holds the history's lock; the files' own locks keep out whoever does not.
 */
import { VOID_PREFIX, mirrorFolder } from './mirrorFolder.js';
import type { HistoryMark, StoredEntry } from './storedEntry.js';
import type { MirrorRecord, MirrorState } from './mirrorRecords.js';
import { decodeRecords, encodeRecord } from './mirrorRecords.js';

const SLOTS = ['history-a', 'history-b'] as const;
type Slot = (typeof SLOTS)[number];
/** A snapshot keeps the newest entries that fit. */
const MAX_SNAPSHOT_BYTES = 512 * 1024;
/** Records may add this much, or as much as the snapshot has, before a fresh one is due. */
const MIN_APPENDED_BYTES = 64 * 1024;
/** A tab that died may hold its file a moment longer than its lock. */
const LOCKED_RETRIES_MS = [10, 20, 40, 80, 160, 320];

/** The engine's `lib` names no async iteration of directories. */
type Folder = FileSystemDirectoryHandle & { keys(): AsyncIterable<string> };

interface Position extends HistoryMark {
  readonly slot: Slot;
  readonly sizeBytes: number;
  /** Size at which a fresh snapshot is due. */
  readonly maxSizeBytes: number;
}

/** Resolves to null where there is no such file system (private mode, older browsers). */
export type OpenMirror = (name: string) => Promise<Mirror | null>;

export const openMirror: OpenMirror = async (name) => {
  // Dedicated workers alone have synchronous files.
  if (typeof FileSystemFileHandle === 'undefined' || !('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return null;
  return mirrorFolder(name, { create: true }).then(
    () => new Mirror(name),
    () => null,
  );
};

export class Mirror {
  /** Where the files stood when they were last read or written here; another tab may have moved on. */
  #position: Position | null = null;
  #isAbandoned = false;

  constructor(readonly name: string) {}

  /** Reads the newer sound file. Null when there is none, or what is there was declared void. */
  async read(): Promise<MirrorState | null> {
    this.#position = null;
    if ((await this.#voidNames()).length > 0) return null;
    let newest: { slot: Slot; state: MirrorState } | null = null;
    for (const slot of SLOTS) {
      const state = await this.#withFile(slot, readState);
      if (state && (!newest || state.sequence > newest.state.sequence)) newest = { slot, state };
    }
    if (!newest) return null;
    const { generation, sequence, sizeBytes, snapshotBytes } = newest.state;
    this.#position = { slot: newest.slot, generation, sequence, sizeBytes, maxSizeBytes: maxSize(snapshotBytes) };
    return newest.state;
  }

  /** Where the mirror stands, as far as this tab knows; reads the files the first time. */
  async mark(): Promise<HistoryMark | null> {
    if (!this.#position) await this.read();
    return this.#position;
  }

  /**
   * Adds a write to the file in use and flushes it. Answers false when that cannot be: the mirror does not stand where
   * the write began (`before`), is void, damaged or full. Then it wants a snapshot.
   */
  async append(before: HistoryMark, record: MirrorRecord): Promise<boolean> {
    if ((await this.#voidNames()).length > 0) return false;
    if (this.#position?.sequence !== before.sequence) await this.read();
    const position = this.#position;
    if (position?.generation !== before.generation || position.sequence !== before.sequence) return false;
    const bytes = encodeRecord(record);
    const end = position.sizeBytes + bytes.length;
    if (end > position.maxSizeBytes) return false;
    this.#position = null; // Unknown until the write is through.
    const isWritten = await this.#withFile(position.slot, (file) => {
      // A longer file ends in a record that was never finished; any other difference is another tab's.
      if (file.getSize() !== position.sizeBytes && readState(file)?.sizeBytes !== position.sizeBytes) return false;
      file.truncate(position.sizeBytes);
      return write(file, bytes, position.sizeBytes);
    });
    if (isWritten) this.#position = { ...position, generation: record.generation, sequence: record.sequence, sizeBytes: end };
    return isWritten;
  }

  /**
   * Writes everything anew into the other file, flushes it, and empties the file that was in use: what is not in
   * `entries` is nowhere in the mirror afterwards. Only the newest entries that fit its bound are kept.
   */
  async rewrite({ generation, sequence }: HistoryMark, entries: readonly StoredEntry[]): Promise<void> {
    const voidNames = await this.#voidNames(); // Those made from now on are about what is not in `entries` yet.
    if (!this.#position) await this.read();
    const inUse = this.#position?.slot ?? SLOTS[1];
    const next = SLOTS.find((slot) => slot !== inUse)!;
    this.#position = null;
    let kept = entries;
    let bytes = encodeRecord({ generation, sequence, added: kept, removedIds: [] });
    while (bytes.length > MAX_SNAPSHOT_BYTES) {
      kept = kept.slice(Math.ceil(kept.length / 4));
      bytes = encodeRecord({ generation, sequence, added: kept, removedIds: [] });
    }
    const isWritten = await this.#withFile(next, (file) => {
      file.truncate(0);
      return write(file, bytes, 0);
    });
    if (!isWritten) throw new Error('The mirror could not be written.');
    await this.#withFile(inUse, (file) => {
      file.truncate(0);
      file.flush();
    });
    const folder = await openFolder(this.name);
    for (const name of voidNames) await folder.removeEntry(name);
    this.#position = { slot: next, generation, sequence, sizeBytes: bytes.length, maxSizeBytes: maxSize(bytes.length) };
  }

  /** Ends a use that took too long: whatever of it is still under way stops before it touches a file. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  async #voidNames(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of (await openFolder(this.name)).keys()) if (name.startsWith(VOID_PREFIX)) names.push(name);
    return names;
  }

  async #withFile<T>(slot: Slot, work: (file: FileSystemSyncAccessHandle) => T): Promise<T> {
    const handle = await (await openFolder(this.name)).getFileHandle(slot, { create: true });
    const file = await openFile(handle);
    try {
      if (this.#isAbandoned) throw new Error('The mirror took too long.');
      return work(file);
    } finally {
      file.close();
    }
  }
}

/** Asked for each time: when the site's data are cleared, an old handle is dead. */
async function openFolder(name: string): Promise<Folder> {
  return (await mirrorFolder(name, { create: true })) as Folder;
}

function maxSize(snapshotBytes: number): number {
  return snapshotBytes + Math.max(MIN_APPENDED_BYTES, snapshotBytes);
}

async function openFile(handle: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (const waitMs of LOCKED_RETRIES_MS) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if ((error as DOMException).name !== 'NoModificationAllowedError') throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return handle.createSyncAccessHandle();
}

function readState(file: FileSystemSyncAccessHandle): MirrorState | null {
  // Never more than was ever written: a file that grew past that is not ours.
  const bytes = new Uint8Array(Math.min(file.getSize(), 2 * MAX_SNAPSHOT_BYTES + MIN_APPENDED_BYTES));
  return decodeRecords(bytes.subarray(0, file.read(bytes, { at: 0 })));
}

function write(file: FileSystemSyncAccessHandle, bytes: Uint8Array<ArrayBuffer>, at: number): boolean {
  const written = file.write(bytes, { at });
  file.flush();
  return written === bytes.length;
}
