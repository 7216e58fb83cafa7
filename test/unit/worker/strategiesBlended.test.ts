import { describe, expect, it } from 'vitest';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import { openEngine } from '../../fixtures/openEngine.js';
import { sha256, smallModelInput } from '../../fixtures/smallModel.js';
import { smallSequence } from '../../fixtures/smallSequence.js';

const NOW_MS = Date.UTC(2026, 1, 2);
const sumOf = (reasons: readonly { contribution?: number }[]): number => reasons.reduce((sum, one) => sum + one.contribution!, 0);

describe('lists of a sequence model', () => {
  it.each([0.4, 1])(
    'are the plain ones when rules change nothing, with reasons that sum to the score (blend weight %s)',
    async (blendWeight) => {
      const input = { ...smallModelInput({ itemCount: 200 }), sequences: [{ ...smallSequence(200), blendWeight }] };
      const { engine } = await openEngine(await writeModelFolder(input, sha256), {}, NOW_MS);
      for (const itemId of ['i3', 'i8', 'i21']) await engine.call(1, 'record', { event: 'view_item', items: [{ item_id: itemId }] });
      const plain = await engine.call(2, 'recommend', { limit: 20 });
      const ruled = await engine.call(3, 'recommend', { limit: 20, diversity: 0 });
      expect(ruled.strategy).toBe(plain.strategy);
      expect(ruled.items.map(({ itemId }) => itemId)).toEqual(plain.items.map(({ itemId }) => itemId));
      for (const { score, reasons } of ruled.items) expect(Math.abs(sumOf(reasons) - score)).toBeLessThanOrEqual(1e-5);
      const rare = await engine.call(4, 'recommend', { limit: 8, filter: { price: { min: 190 } } });
      expect(rare.items).toHaveLength(8);
      for (const { score, reasons } of rare.items) expect(Math.abs(sumOf(reasons) - score)).toBeLessThanOrEqual(1e-5);
    },
  );
});
