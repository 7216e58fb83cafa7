import type { HistoryMark, StoredEntry } from './storedEntry.js';
import { applyChange, areStoredEntries } from './storedEntry.js';

/** One write of the history as the mirror keeps it. The first record of a file is a snapshot: everything there was. */
export interface MirrorRecord extends HistoryMark {
  readonly added: readonly StoredEntry[];
  readonly removedIds: readonly string[];
}

/** What a mirror file holds. */
export interface MirrorState extends HistoryMark {
  /** Oldest first. */
  readonly entries: StoredEntry[];
  /** Bytes of whole, sound records; what follows them was never finished. */
  readonly sizeBytes: number;
  /** Bytes of the first record. */
  readonly snapshotBytes: number;
}

/** Length and checksum, unsigned 32-bit little-endian, stand before each record's JSON. */
const HEADER_BYTES = 8;

export function encodeRecord(record: MirrorRecord): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(JSON.stringify(record));
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, body.length, true);
  header.setUint32(4, crc32(body), true);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

/**
 * Reads a file's records up to the first that is cut, damaged, or not the next in sequence: whatever was flushed before a
 * crash is whole. Null when not even a first one is there.
 */
export function decodeRecords(bytes: Uint8Array): MirrorState | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let state = null as MirrorState | null;
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at, true);
    const end = at + HEADER_BYTES + length;
    if (end > bytes.length) break;
    const body = bytes.subarray(at + HEADER_BYTES, end);
    if (crc32(body) !== view.getUint32(at + 4, true)) break;
    const record = parseRecord(body);
    if (!record || (state && (record.generation !== state.generation || record.sequence !== state.sequence + 1))) break;
    const { generation, sequence, added, removedIds } = record;
    const entries = applyChange(applyChange(state?.entries ?? [], { add: added }), { remove: { ids: removedIds } });
    state = { generation, sequence, entries, sizeBytes: end, snapshotBytes: state?.snapshotBytes ?? end };
    at = end;
  }
  return state;
}

function parseRecord(body: Uint8Array): MirrorRecord | null {
  try {
    const record = JSON.parse(new TextDecoder().decode(body)) as MirrorRecord;
    const { generation, sequence, added, removedIds } = record;
    const isSound =
      typeof generation === 'string' &&
      Number.isSafeInteger(sequence) &&
      areStoredEntries(added) &&
      Array.isArray(removedIds) &&
      removedIds.every((id) => typeof id === 'string');
    return isSound ? record : null;
  } catch {
    return null;
  }
}

/** CRC-32 (ISO 3309, polynomial 0xEDB88320), bit by bit: records are small. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
