import { describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/core/artifact/readModelFolder.js';
import { createCpuBackend } from '../../../src/core/kernels/topK.cpu.js';
import { topK } from '../../../src/core/kernels/topK.js';
import { expected, factorFixture, idsFile, packed } from './factorFixtures.js';

const SOURCES: readonly (readonly [name: string, algorithm: string, foldIn: string])[] = [
  ['implicit-als', 'implicit als', 'als'],
  ['implicit-bpr', 'implicit bpr', 'mean'],
  ['implicit-lmf', 'implicit lmf', 'mean'],
  ['lightfm', 'lightfm', 'mean'],
  ['lenskit', 'lenskit implicit mf', 'als'],
  ['surprise-svd', 'surprise svd', 'als'],
  ['surprise-svdpp', 'surprise svd++', 'als'],
  ['surprise-nmf', 'surprise nmf', 'als'],
  ['sklearn-svd', 'scikit-learn truncated svd', 'project'],
  ['sklearn-nmf', 'scikit-learn nmf', 'non-negative'],
  ['cornac-mf', 'cornac mf', 'als'],
  ['cornac-wmf', 'cornac wmf', 'als'],
  ['cornac-bpr', 'cornac bpr', 'mean'],
  ['recbole', 'recbole factors', 'mean'],
  ['spark-snappy', 'spark als', 'als'],
  ['spark-gzip', 'spark als (ratings)', 'als'],
  ['spark-zstd', 'spark als', 'als'],
];

describe.each(SOURCES)('a folder packed from %s', (name, algorithm, kind) => {
  const path = factorFixture(name.startsWith('spark') ? name : `${name}.${name === 'recbole' ? 'safetensors' : 'npz'}`);
  const argv = name.startsWith('spark') ? [path] : [path, '--ids', idsFile()];

  it("gives the source's top 20 and folds in by its formula, in float32", async () => {
    const { model, result } = await packed([...argv, '--dtype', 'float32']);
    expect(model.factors.entry).toMatchObject({ algorithm, foldIn: { kind } });
    expect(result.stdout).toContain(`: ${algorithm}`);
    for (const { vector, top } of expected[name]!.users) expect(await top20(model, Float32Array.from(vector))).toEqual(top);
    for (const { items, weights, vector, top } of expected[name]!.foldIn) {
      const folded = model.factors.foldIn(items.map((itemIndex, at) => ({ itemIndex, weight: weights[at]! }))).vector;
      const length = Math.hypot(...vector);
      expect(Math.hypot(...vector.map((value, j) => value - folded[j]!)) / length).toBeLessThan(2e-5);
      expect(await top20(model, folded)).toEqual(top);
    }
  });

  it('keeps 98 % of the lists in int8', async () => {
    const { model } = await packed(argv);
    const { users, foldIn } = expected[name]!;
    let hits = 0;
    for (const { vector, top } of users) hits += overlap(await top20(model, Float32Array.from(vector)), top);
    for (const { items, weights, top } of foldIn) {
      const folded = model.factors.foldIn(items.map((itemIndex, at) => ({ itemIndex, weight: weights[at]! })));
      hits += overlap(await top20(model, folded.vector), top);
    }
    expect(hits / (users.length + foldIn.length)).toBeGreaterThanOrEqual(0.98);
  });
});

async function top20({ factors }: LoadedModel, query: Float32Array): Promise<number[]> {
  const loaded = await createCpuBackend().load(factors.matrix);
  return [...(await topK(loaded, factors.matrix, { query, rule: factors.entry.userRule, k: 20, excluded: null })).indexes];
}

function overlap(found: readonly number[], top: readonly number[]): number {
  return found.filter((row) => top.includes(row)).length / top.length;
}
