import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MirrorRecord } from '../../../worker/mirrorRecords.js';
import { crc32, decodeRecords, encodeRecord } from '../../../worker/mirrorRecords.js';

const entry = (n: number) => ({
  id: `e${String(n).padStart(3, '0')}`,
  timeMs: n,
  event: 'view_item' as const,
  itemId: `i${n}`,
  quantity: 1,
});
const record = (sequence: number, facts: Partial<MirrorRecord> = {}): MirrorRecord => ({
  generation: 'g',
  sequence,
  added: [entry(sequence)],
  removedIds: [],
  ...facts,
});

function file(...records: MirrorRecord[]): Uint8Array {
  return Uint8Array.from(records.flatMap((one) => [...encodeRecord(one)]));
}

const ids = (bytes: Uint8Array): string[] | undefined => decodeRecords(bytes)?.entries.map(({ itemId }) => itemId);

describe('mirror records', () => {
  it('have the checksum of the standard check value', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('add up to what was written, removals counted', () => {
    const bytes = file(record(4), record(5), record(6, { removedIds: ['e004'] }));
    expect(decodeRecords(bytes)).toMatchObject({ generation: 'g', sequence: 6, sizeBytes: bytes.length });
    expect(ids(bytes)).toEqual(['i5', 'i6']);
  });

  it('count up to the first that does not follow', () => {
    expect(ids(file(record(4), record(6)))).toEqual(['i4']);
    expect(ids(file(record(4), record(5, { generation: 'h' })))).toEqual(['i4']);
    expect(ids(file(record(4), record(5, { added: [{ ...entry(5), event: 'steal' as never }] })))).toEqual(['i4']);
    expect(decodeRecords(new Uint8Array())).toBeNull();
  });

  it('keep every whole record of a file that was cut anywhere', () => {
    const records = [record(1), record(2), record(3)];
    const ends = records.map((_, n) => file(...records.slice(0, n + 1)).length);
    const whole = file(...records);
    for (let length = 0; length <= whole.length; length++) {
      const kept = ends.filter((end) => end <= length).length;
      expect(ids(whole.subarray(0, length)) ?? []).toEqual(['i1', 'i2', 'i3'].slice(0, kept));
    }
  });

  it('never take a flipped bit for an event', () => {
    const whole = file(record(1), record(2), record(3));
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = whole.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const seen = ids(bytes) ?? [];
      expect(['i1', 'i2', 'i3'].slice(0, seen.length)).toEqual(seen);
      expect(seen.length).toBeLessThan(3);
    }
  });

  it('are read from any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeRecords(bytes)).toBeNull();
      }),
      { numRuns: 5_000 },
    );
  });
});
