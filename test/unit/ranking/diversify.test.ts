import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rerank } from '../../../src/core/ranking/diversify.js';
import { RERANKS, diversify, rerankWeight } from '../../../src/core/ranking/diversify.js';
import { chooseByDpp, dppSimilarity } from '../../../src/core/ranking/dpp.js';
import { chooseByMmr } from '../../../src/core/ranking/mmr.js';
import { chooseBySpread } from '../../../src/core/ranking/spread.js';
import type { Room } from '../../../src/core/ranking/pool.js';
import { selectBest, sortPool } from '../../../src/core/ranking/pool.js';
import { gatherSimilarity, intraListDiversity } from '../../../src/core/ranking/similarity.js';
import { createRandom, randomVector } from '../../fixtures/random.js';

const DIMENSIONS = 4;

/** A pool of random items; some vectors stand in it twice, some are zero. */
function randomPool(seed: number, size: number) {
  const random = createRandom(seed);
  const vectors = Array.from({ length: size }, () => randomVector(random, DIMENSIONS));
  for (let at = 5; at < size; at += 6) vectors[at] = vectors[at - 4]!;
  if (size > 7) vectors[7] = new Float32Array(DIMENSIONS);
  const pool = sortPool(vectors.map((_, row) => ({ row, score: Math.round(random() * 8) / 8 })));
  const relevant = pool.scores.slice();
  const similarity = gatherSimilarity(pool.rows, DIMENSIONS, (row, out) => out.set(vectors[row]!));
  return { pool, relevant, similarity, vectors };
}

/** The definition: of all positions left, the first that maximises the gain. */
function greedy(size: number, limit: number, gain: (chosen: readonly number[], at: number) => number): number[] {
  const chosen: number[] = [];
  while (chosen.length < Math.min(limit, size)) {
    let best = -1;
    for (let at = 0; at < size; at++) {
      if (!chosen.includes(at) && (best < 0 || gain(chosen, at) > gain(chosen, best) + 1e-12)) best = at;
    }
    chosen.push(best);
  }
  return chosen;
}

/** By Gaussian elimination. */
function determinant(matrix: number[][]): number {
  const rows = matrix.map((row) => [...row]);
  let product = 1;
  for (let i = 0; i < rows.length; i++) {
    product *= rows[i]![i]!;
    if (Math.abs(rows[i]![i]!) < 1e-14) return 0;
    for (let j = i + 1; j < rows.length; j++) {
      const factor = rows[j]![i]! / rows[i]![i]!;
      for (let k = i; k < rows.length; k++) rows[j]![k]! -= factor * rows[i]![k]!;
    }
  }
  return product;
}

const sizes = { seed: fc.nat(1_000_000), size: fc.integer({ min: 1, max: 20 }), limit: fc.integer({ min: 1, max: 9 }) };
const aCase = fc.record({ ...sizes, weight: fc.constantFrom(0, 0.2, 0.5, 0.8) });

describe('chooseByMmr', () => {
  it('chooses what the definition of maximal marginal relevance chooses', () => {
    fc.assert(
      fc.property(aCase, ({ seed, size, limit, weight }) => {
        const { pool, relevant, similarity } = randomPool(seed, size);
        const expected = greedy(size, limit, (chosen, at) => {
          if (chosen.length === 0) return relevant[at]!;
          return (1 - weight) * relevant[at]! - weight * Math.max(...chosen.map((one) => similarity.cosine(one, at)));
        });
        expect(chooseByMmr(relevant, similarity, { rows: pool.rows, limit, weight, room: null })).toEqual(expected);
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

describe('chooseBySpread', () => {
  it('chooses what maximises relevance less the sum of cosines', () => {
    fc.assert(
      fc.property(aCase, ({ seed, size, limit, weight }) => {
        const { pool, relevant, similarity } = randomPool(seed, size);
        const expected = greedy(size, limit, (chosen, at) => {
          const sum = chosen.reduce((total, one) => total + similarity.cosine(one, at), 0);
          return chosen.length === 0 ? relevant[at]! : (1 - weight) * relevant[at]! - ((2 * weight) / limit) * sum;
        });
        expect(chooseBySpread(relevant, similarity, { rows: pool.rows, limit, weight, room: null })).toEqual(expected);
      }),
      { numRuns: 200, seed: 2 },
    );
  });
});

describe('chooseByDpp', () => {
  it('adds what multiplies the determinant most, as computed anew for every set', () => {
    fc.assert(
      fc.property(fc.record({ ...sizes, weight: fc.constantFrom(0.2, 0.5, 0.8, 1) }), ({ seed, size, limit, weight }) => {
        const { pool, relevant, similarity } = randomPool(seed, size);
        const kernel = (a: number, b: number) => (a === b ? 1 : dppSimilarity(similarity.cosine(a, b)));
        const volume = (set: readonly number[]) => determinant(set.map((a) => set.map((b) => kernel(a, b))));
        const chosen = chooseByDpp(relevant, similarity, { rows: pool.rows, limit, weight, room: null });
        expect(new Set(chosen).size).toBe(Math.min(size, limit));
        chosen.forEach((taken, count) => {
          const before = chosen.slice(0, count);
          const gain = (at: number) => (1 - weight) * relevant[at]! + weight * Math.log(volume([...before, at]) / volume(before));
          for (let at = 0; at < size; at++) if (!before.includes(at)) expect(gain(taken)).toBeGreaterThanOrEqual(gain(at) - 1e-6);
        });
      }),
      { numRuns: 150, seed: 3 },
    );
  });

  it('finds the best set itself on small cases nearly always, and never a bad one', () => {
    let isBest = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { pool, relevant, similarity } = randomPool(seed, 8);
      const score = (set: readonly number[]) =>
        set.reduce((sum, at) => sum + 0.5 * relevant[at]!, 0) +
        0.5 * Math.log(determinant(set.map((a) => set.map((b) => (a === b ? 1 : dppSimilarity(similarity.cosine(a, b)))))));
      let best = -Infinity;
      for (let a = 0; a < 8; a++) for (let b = 0; b < a; b++) for (let c = 0; c < b; c++) best = Math.max(best, score([a, b, c]));
      const found = score(chooseByDpp(relevant, similarity, { rows: pool.rows, limit: 3, weight: 0.5, room: null }));
      expect(found).toBeGreaterThan(best - 0.25);
      if (found > best - 1e-9) isBest++;
    }
    expect(isBest).toBeGreaterThan(60);
  });
});

describe.each(RERANKS)('diversify by %s', (rerank: Rerank) => {
  const { pool, similarity, vectors } = randomPool(11, 40);
  const at = (diversity: number) =>
    diversify({ diversity, rerank, dimensions: DIMENSIONS, readVector: (row, out) => out.set(vectors[row]!) });

  it('gives the plain order at 0', () => {
    expect(at(0)(pool, 8, null)).toEqual(selectBest(pool, 8, null));
  });

  it('begins with the best item and makes lists more different than the plain one', () => {
    const diversities = [0, 0.3, 0.6, 1].map((diversity) => {
      const list = at(diversity)(pool, 8, null);
      expect(list[0]).toBe(0);
      return intraListDiversity(similarity, list);
    });
    for (const diversity of diversities.slice(1)) expect(diversity).toBeGreaterThan(diversities[0]!);
  });

  it('keeps to the room there is', () => {
    let evens = 0;
    const room: Room = {
      openRows: () => null,
      clear: () => (evens = 0),
      allows: (row) => row % 2 === 1 || evens < 2,
      take: (row) => (evens += row % 2 === 0 ? 1 : 0),
    };
    const list = at(0.5)(pool, 10, room);
    expect(list).toHaveLength(10);
    expect(list.filter((position) => pool.rows[position]! % 2 === 0)).toHaveLength(2);
  });

  it('fills the list from copies of one product', () => {
    const copies = sortPool(Array.from({ length: 6 }, (_, row) => ({ row, score: 1 })));
    const same = diversify({ diversity: 0.5, rerank, dimensions: 2, readVector: (_, out) => out.set([1, 2]) });
    expect(same(copies, 4, null)).toEqual([0, 1, 2, 3]);
  });

  it.each([-0.1, 1.1, NaN, '0.5'])('refuses the diversity %s', (diversity) => {
    expect(() => at(diversity as number)).toThrow(/Use a number from 0 \(plain\) to 1/);
  });
});

describe('rerankWeight', () => {
  it('rises from 0 to 1', () => {
    for (const rerank of RERANKS) {
      const weights = [0, 0.1, 0.3, 0.5, 0.8, 1].map((diversity) => rerankWeight(rerank, diversity));
      expect(weights[0]).toBe(0);
      expect(weights.at(-1)).toBe(1);
      expect(weights).toEqual([...weights].sort((a, b) => a - b));
    }
  });

  it('knows its ways', () => {
    expect(() => diversify({ diversity: 0.3, rerank: 'best' as Rerank, dimensions: 1, readVector: () => {} })).toThrow(
      /There are: spread, mmr, dpp/,
    );
  });
});
