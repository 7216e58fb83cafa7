import { afterEach, describe, expect, it, vi } from 'vitest';
import { AlsEngine } from '../../../src/cli/trainers/als/alsEngine.js';
import type { AlsOptions, AlsSolver } from '../../../src/cli/trainers/als/alsObjective.js';
import { cutTasks } from '../../../src/cli/trainers/als/cutTasks.js';
import { PlainSolver } from '../../../src/cli/trainers/als/plainSolver.js';
import { alsObjective, trainAls } from '../../../src/cli/trainers/als.js';
import { fillNormal, seededRandom } from '../../../src/cli/trainers/seededRandom.js';
import type { SparseRows } from '../../../src/cli/trainers/sparseRows.js';

const refusals = vi.hoisted(() => ({ threads: false }));
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class Worker extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      if (refusals.threads) throw new Error('ERR_WORKER_INIT_FAILED');
      super(...args);
    }
  }
  return { ...real, Worker };
});
afterEach(() => {
  refusals.threads = false;
  vi.restoreAllMocks();
});

const OPTIONS: AlsOptions = { factors: 8, epochs: 3, regularization: 0.01, unobservedWeight: 0.1, nu: 1, seed: 3 };

describe('AlsEngine', () => {
  it.each([1, 2, 3, 4, 7, 16, 33, 64, 130])('gives the scores of the plain solver with %i factors', async (factors) => {
    const rows = skewedRows(150, 90, factors);
    await expectSameScores(rows, { ...OPTIONS, factors, nu: 0.6 }, 1e-4);
  });

  it('gives the scores of the plain solver where weights differ a millionfold', async () => {
    const rows = skewedRows(80, 60, 1);
    rows.values.forEach((_, at) => (rows.values[at] = 10 ** ((at % 7) - 3)));
    await expectSameScores(rows, { ...OPTIONS, factors: 24 }, 1e-3);
  });

  it('gives the scores of the plain solver without weight on unobserved pairs', async () => {
    await expectSameScores(skewedRows(60, 40, 2), { ...OPTIONS, unobservedWeight: 0, regularization: 0.5 }, 1e-4);
  });

  it('gives the same bits with any number of threads', async () => {
    const rows = skewedRows(1_200, 300, 4);
    const options = { ...OPTIONS, factors: 20 };
    const [one, ...others] = await Promise.all([1, 2, 5].map((threads) => trainAls(rows, options, { threads })));
    for (const other of others) {
      expect(other.items).toEqual(one!.items);
      expect(other.users).toEqual(one!.users);
    }
  });

  it('trains on the calling thread, to the same bits, where threads are refused', async () => {
    const rows = skewedRows(500, 200, 5);
    const expected = await trainAls(rows, OPTIONS, { threads: 3 });
    refusals.threads = true;
    expect((await trainAls(rows, OPTIONS, { threads: 3 })).items).toEqual(expected.items);
  });

  it('is replaced by the plain solver where its memory is refused', async () => {
    const rows = skewedRows(40, 30, 6);
    const expected = await trainAls(rows, OPTIONS, { isPlain: true });
    const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: { Memory: () => void } };
    vi.spyOn(wasm, 'Memory').mockImplementation(function refuse() {
      throw new RangeError('could not allocate memory');
    });
    expect((await trainAls(rows, OPTIONS)).items).toEqual(expected.items);
  });

  it('stops with a sentence where an equation has no solution', async () => {
    const rows = skewedRows(40, 30, 7);
    rows.values.fill(NaN);
    await expect(trainAls(rows, OPTIONS)).rejects.toThrow(/larger --regularization/);
  });

  it('starts from given item rows, and at random where they are zero', async () => {
    const rows = skewedRows(200, 50, 8);
    const options = { ...OPTIONS, factors: 4, epochs: 8 };
    const trained = await trainAls(rows, options);
    const start = Float32Array.from(trained.items);
    const warm = await trainAls(rows, { ...options, epochs: 1 }, { startItems: start });
    const cold = await trainAls(rows, { ...options, epochs: 1 });
    expect(alsObjective(rows, warm, 4, options)).toBeLessThanOrEqual(alsObjective(rows, trained, 4, options));
    expect(alsObjective(rows, cold, 4, options)).toBeGreaterThan(alsObjective(rows, trained, 4, options));
    const zeros = await trainAls(rows, options, { startItems: new Float32Array(start.length) });
    expect(zeros.items).toEqual(trained.items);
  });
});

describe('cutTasks', () => {
  it('covers every row once and lets a row with much work stand alone', () => {
    const lengths = [1, 2, 0, 100_000, 3, 0, 1];
    const offsets = new Uint32Array(lengths.length + 1);
    lengths.forEach((length, row) => (offsets[row + 1] = offsets[row]! + length));
    expect([...cutTasks(offsets, 64)]).toEqual([0, 3, 4, 7]);
    expect([...cutTasks(new Uint32Array(1), 64)]).toEqual([0]);
  });
});

async function expectSameScores(rows: SparseRows, options: AlsOptions, tolerance: number): Promise<void> {
  const items = new Float32Array(rows.columnCount * options.factors);
  fillNormal(items, 0.3, seededRandom(11));
  const engine = new AlsEngine(rows, options, 2);
  const plain = new PlainSolver(rows, options);
  try {
    for (const solver of [engine, plain]) {
      solver.setItems(items);
      await solveEpoch(solver);
    }
    expect(distance(engine.factors(), plain.factors(), options.factors)).toBeLessThan(tolerance);
  } finally {
    await engine.close();
  }
}

async function solveEpoch(solver: AlsSolver): Promise<void> {
  for (const side of ['users', 'items', 'users'] as const) await solver.solve(side, () => Promise.resolve());
}

/** The largest difference of a score: what does not depend on the basis. */
function distance(a: { users: Float32Array; items: Float32Array }, b: typeof a, d: number): number {
  let largest = 0;
  for (let u = 0; u < a.users.length; u += d) {
    for (let i = 0; i < a.items.length; i += d) {
      let difference = 0;
      for (let j = 0; j < d; j++) difference += a.users[u + j]! * a.items[i + j]! - b.users[u + j]! * b.items[i + j]!;
      largest = Math.max(largest, Math.abs(difference));
    }
  }
  return largest;
}

/** Rows of every length from none to all columns, so that short and long ones meet both ways of solving. */
function skewedRows(rowCount: number, columnCount: number, seed: number): SparseRows {
  const random = seededRandom(seed);
  const lists = Array.from({ length: rowCount }, (_, row) => {
    const density = row % 10 === 0 ? 0 : random() ** 3;
    return Array.from({ length: columnCount }, (_, i) => i).filter(() => random() < density);
  });
  const offsets = new Uint32Array(rowCount + 1);
  lists.forEach((list, row) => (offsets[row + 1] = offsets[row]! + list.length));
  const columns = Uint32Array.from(lists.flat());
  return { rowCount, columnCount, offsets, columns, values: Float32Array.from(columns, () => 0.1 + 5 * random()) };
}
