import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNeighbors } from '../../../src/core/artifact/tables/neighborTable.js';
import { readTables } from '../../../src/core/artifact/tables/readTables.js';
import { NeighborModel } from '../../../src/core/models/neighborModel.js';
import { RowMask } from '../../../src/core/ranking/rowMask.js';
import { expected, factorFixture, idsFile, packed } from './factorFixtures.js';

type Ranked = readonly (readonly [row: number, score: number])[];
interface KnnAnswers {
  readonly similar: readonly Ranked[];
  readonly recommend: readonly { readonly items: readonly number[]; readonly weights: readonly number[]; readonly top: Ranked }[];
}
const answers = expected as unknown as Record<string, KnnAnswers>;

describe.each(['implicit-cosine', 'implicit-tfidf', 'implicit-bm25'])('a folder packed from %s', (name) => {
  it("ranks by itself, with implicit's neighbours and the scores of recommend()", async () => {
    const { model, out, result } = await packed([factorFixture(`${name}.npz`), '--ids', idsFile()]);
    expect(result.stdout).toMatch(/Neighbours\s+\d+, \d+\.\d an item/);
    const tables = readTables(model.manifest);
    expect(tables.primary).toBe('knn');
    const table = await readNeighbors(model.manifest, tables.neighbors[0]!, async (file) => readFileSync(join(out, file.path)));
    const knn = new NeighborModel(table);
    answers[name]!.similar.forEach((similar, row) => {
      const [from, to] = [table.offsets[row]!, table.offsets[row + 1]!];
      const found = Array.from({ length: to - from }, (_, i) => [table.columns[from + i]!, table.values[from + i]!] as const);
      expectSame(found, similar);
    });
    for (const { items, weights, top } of answers[name]!.recommend) {
      const mask = new RowMask(table.rowCount);
      for (const row of items) mask.exclude(row);
      const history = items.map((itemIndex, at) => ({ itemIndex, weight: weights[at]! }));
      const { indexes, scores } = knn.rank(history, 20, mask);
      expectSame(
        Array.from(indexes, (row, at) => [row, scores[at]!] as const),
        top,
      );
    }
  });
});

/** The same items with the same scores to what float16 keeps; items closer than that may change places. */
function expectSame(found: Ranked, wanted: Ranked): void {
  expect(found).toHaveLength(wanted.length);
  const scores = new Map(wanted);
  const last = wanted.at(-1)?.[1] ?? 0;
  found.forEach(([row, score], at) => {
    expect(Math.abs(score - wanted[at]![1])).toBeLessThanOrEqual(2 ** -10 * wanted[at]![1]);
    expect(Math.abs(score - (scores.get(row) ?? last))).toBeLessThanOrEqual(2 ** -10 * score);
  });
}
