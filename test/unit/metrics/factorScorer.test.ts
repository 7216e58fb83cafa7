import { describe, expect, it } from 'vitest';
import { createWasmBackend } from '../../../src/core/kernels/topK.wasm.js';
import type { EvaluationCase } from '../../../src/core/metrics/eventTable.js';
import { createFactorScorer } from '../../../src/core/metrics/factorScorer.js';
import type { RowMap } from '../../../src/core/metrics/scorer.js';
import { leadingRows } from '../../../src/core/metrics/scorer.js';
import { recommend } from '../../../src/core/pipeline.js';
import { RowMask } from '../../../src/core/ranking/rowMask.js';
import { EVENT_NAMES } from '../../../src/core/types.js';
import { createRandom } from '../../fixtures/random.js';
import { readFolder, smallFolder } from '../../fixtures/smallModel.js';

const ITEMS = 300;
const UNKNOWN = ITEMS;

async function open(rows: RowMap) {
  const items = Array.from({ length: ITEMS }, (_, i) => ({ itemId: `i${i}` }));
  const popularity = Float32Array.from({ length: ITEMS }, (_, i) => ITEMS - i);
  const model = await readFolder((await smallFolder({ itemCount: ITEMS, items, popularity })).files);
  const loaded = await createWasmBackend().load(model.factors.matrix);
  return { model, loaded, scorer: createFactorScorer({ name: 'als', model: model.factors, catalog: model.catalog, loaded, rows }) };
}

function randomCases(count: number): EvaluationCase[] {
  const random = createRandom(5);
  const kinds = ['view_item', 'add_to_cart', 'purchase', 'remove_from_cart'] as const;
  return Array.from({ length: count }, (_, group) => {
    const size = group % 7;
    return {
      group,
      items: Uint32Array.from({ length: size }, () => Math.floor(random() * (ITEMS + 1))),
      kinds: Uint8Array.from({ length: size }, () => EVENT_NAMES.indexOf(kinds[Math.floor(random() * 4)]!)),
      timesMs: Float64Array.from({ length: size }, (_, i) => 1000 * i),
      targets: Uint32Array.of(0),
    };
  });
}

describe('createFactorScorer', () => {
  it.each([true, false])('ranks as the page does, excludeSeen %s', async (excludeSeen) => {
    const { model, loaded, scorer } = await open(leadingRows(ITEMS, ITEMS + 1));
    const cases = randomCases(60);
    const lists = await scorer.rank(cases, { k: 20, excludeSeen });
    for (const [at, { items, kinds, timesMs }] of cases.entries()) {
      const history = Array.from(items, (item, i) => ({
        itemId: item === UNKNOWN ? 'sold elsewhere' : model.catalog.itemId(item),
        event: EVENT_NAMES[kinds[i]!]!,
        timeMs: timesMs[i]!,
        quantity: 1,
      }));
      const page = await recommend(
        { model, loaded, unavailable: new RowMask(ITEMS), history, language: 'en' },
        { limit: 20, excludeSeen },
        null,
      );
      expect(Array.from(lists[at]!, (row) => `i${row}`)).toEqual(page.items.map(({ itemId }) => itemId));
    }
  });

  it('answers in the rows of the test where a folder has its own', async () => {
    const plain = await open(leadingRows(ITEMS, ITEMS + 1));
    const turned = await open({
      toFolder: Int32Array.from({ length: ITEMS + 1 }, (_, row) => (row < ITEMS ? ITEMS - 1 - row : -1)),
      toTest: Uint32Array.from({ length: ITEMS }, (_, row) => ITEMS - 1 - row),
    });
    const cases = randomCases(30);
    const mirrored = cases.map((question) => ({
      ...question,
      items: question.items.map((item) => (item === UNKNOWN ? UNKNOWN : ITEMS - 1 - item)),
    }));
    const options = { k: 5, excludeSeen: true };
    const expected = await plain.scorer.rank(cases, options);
    const lists = await turned.scorer.rank(mirrored, options);
    lists.forEach((list, at) => expect(list.map((row) => ITEMS - 1 - row)).toEqual(expected[at]));
  });
});
