import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/artifact/readModelFolder.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import type { PipelineContext } from '../../../src/core/pipeline.js';
import { recommend, similarItems } from '../../../src/core/pipeline.js';
import { unavailableRows } from '../../../src/core/ranking/rowMask.js';
import type { EventName, HistoryEntry } from '../../../src/core/types.js';
import type { SmallModelOptions } from '../../fixtures/smallModel.js';
import { readFolder, smallFolder } from '../../fixtures/smallModel.js';

let clockMs = 1_000;
const did = (itemId: string, event: EventName = 'view_item'): HistoryEntry => ({ timeMs: clockMs++, event, itemId, quantity: 1 });

async function contextOf(history: HistoryEntry[] = [], options: SmallModelOptions = {}): Promise<PipelineContext> {
  const model: LoadedModel = await readFolder((await smallFolder(options)).files);
  return {
    model,
    loaded: await createCpuBackend().load(model.factors.matrix),
    unavailable: unavailableRows(model.catalog, model.availableRows, model.manifest.itemCount),
    history,
    language: 'en',
  };
}

const ids = (list: { items: readonly { itemId: string }[] }): string[] => list.items.map((item) => item.itemId);

describe('recommend', () => {
  it('gives the popular items, most popular first, to a shopper without history', async () => {
    const list = await recommend(await contextOf(), { limit: 9 }, null);
    expect(list.strategy).toBe('popular');
    expect(ids(list)).toEqual(['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7', 'i8']);
    expect(list.items[1]!.reasons).toEqual([{ kind: 'popular', rank: 2, text: 'Popular with other shoppers' }]);
  });

  it('claims no popularity where the folder knows none', async () => {
    const list = await recommend(await contextOf([], { popularity: null }), {}, null);
    expect(list.items[0]!.reasons).toEqual([]);
  });

  it('ranks by the folded-in history and explains each item by it', async () => {
    const context = await contextOf([did('i10'), did('i20', 'purchase'), did('unknown')]);
    const list = await recommend(context, { limit: 20 }, null);
    expect(list.strategy).toBe('personal');
    const scores = list.items.map((item) => item.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const reason = list.items[0]!.reasons[0]!;
    expect(reason).toMatchObject({ kind: 'history', event: 'purchase', itemId: 'i20', text: 'Because you bought Item 20' });
  });

  it('gives contributions that sum to the score', async () => {
    const context = await contextOf([did('i10'), did('i20')]);
    const list = await recommend(context, { limit: 100 }, null);
    const both = list.items.filter((item) => item.reasons.length === 2);
    expect(both.length).toBeGreaterThan(5);
    for (const { score, reasons } of both) {
      expect(reasons.reduce((sum, reason) => sum + (reason.kind === 'history' ? reason.contribution : NaN), 0)).toBeCloseTo(score, 5);
    }
  });

  it('leaves out what was seen, out of stock, at price 0 or excluded, and fills the list all the same', async () => {
    const context = await contextOf([did('i10'), did('i11', 'add_to_cart')]);
    const list = await recommend(context, { limit: 50, exclude: ['i12', 'no such item'] }, null);
    expect(ids(list)).toHaveLength(50);
    for (const id of ['i10', 'i11', 'i12', 'i9', 'i19', 'i99']) expect(ids(list)).not.toContain(id);
    const withSeen = await recommend(context, { limit: 90, excludeSeen: false }, null);
    expect(ids(withSeen)).toContain('i10');
  });

  it.each([0, -1, 201, 1.5, NaN, '5'])('refuses the limit %s', async (limit) => {
    await expect(recommend(await contextOf(), { limit: limit as number }, null)).rejects.toThrow(/whole number from 1 to 200/);
  });

  it('ranks by a vector that the shop hands in, and refuses one of another length or with NaN', async () => {
    const context = await contextOf([did('i10')]);
    const vector = new Float32Array(16).fill(0.5);
    const list = await recommend(context, {}, vector);
    expect(list.items[0]!.reasons[0]).toMatchObject({ kind: 'profile' });
    await expect(recommend(context, {}, new Float32Array(8))).rejects.toThrow(/has 8 values, the model has 16 factors/);
    await expect(
      recommend(
        context,
        {},
        vector.map((v, i) => (i === 3 ? NaN : v)),
      ),
    ).rejects.toThrow(/NaN at position 3/);
  });

  it('takes back what an item removed from the cart had added', async () => {
    const withCart = await contextOf([did('i10', 'add_to_cart'), did('i10', 'remove_from_cart')]);
    expect((await recommend(withCart, {}, null)).strategy).toBe('popular');
  });

  it('speaks Chinese when asked', async () => {
    const context = await contextOf([did('i10')]);
    const list = await recommend({ ...context, language: 'zh' }, {}, null);
    expect(list.items[0]!.reasons[0]!.text).toBe('因为您看过「Item 10」');
  });
});

describe('similarItems', () => {
  it('ranks by cosine, without the item itself', async () => {
    const context = await contextOf();
    const list = await similarItems(context, 'i10', { limit: 89 });
    expect(list.strategy).toBe('similar');
    expect(ids(list)).not.toContain('i10');
    expect(list.items.every(({ score }) => score <= 1.00001 && score >= -1.00001)).toBe(true);
    expect(list.items[0]!.reasons[0]).toMatchObject({ kind: 'similar', itemId: 'i10', similarity: list.items[0]!.score });
  });

  it('refuses an unknown item by name', async () => {
    await expect(similarItems(await contextOf(), 'nope', {})).rejects.toMatchObject({
      code: 'input/unknown-item',
      details: { itemId: 'nope' },
    });
  });
});
