/** The page: starts a worker for each contestant and lets them run in turn, round after round. Driven by lib/scanRows.mjs. */
import { callable } from './rpc.js';

const CLASSIC = new Set(['tfjs']);
const PREPARE_LIMIT_MS = 240_000;
/** So long a measured run lasts at least, by repetition: well above the clock's tick. */
const RUN_MS = 4;
const RECALL_QUERIES = 10;

function start(script) {
  const worker = new Worker(`/bench/${script}.js`, { type: CLASSIC.has(script) ? 'classic' : 'module' });
  const isReady = new Promise((resolve, reject) => {
    worker.addEventListener('message', resolve, { once: true });
    worker.addEventListener('error', (event) => reject(new Error(event.message || `${script}.js did not load`)), { once: true });
  });
  return { worker, isReady };
}

function within(limitMs, promise, what) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took over ${limitMs / 1000} s`)), limitMs);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/**
 * contestants: [{peer, script, kind}]; those of script "ours" share a worker. Returns for each {peer, kind, times, recall,
 * recallUnquantised, adapter} or {peer, kind, error}.
 */
globalThis.contest = async ({ itemCount, dimensions, k, batchSize, modelBase, isExact, contestants, budgetMs, runLimitMs }) => {
  const workers = [];
  const open = async (script) => {
    const { worker, isReady } = start(script);
    workers.push(worker);
    await within(30_000, isReady, `loading ${script}`);
    return callable(worker);
  };
  try {
    await globalThis.tell('making factors');
    const data = await open('data');
    const queryCount = Math.max(20, batchSize);
    const made = modelBase
      ? await data('open', { base: modelBase, queryCount })
      : { itemCount, dimensions, biases: null, isExact, ...(await data('make', { itemCount, dimensions, queryCount })) };
    const shape = { buffer: made.factors, itemCount: made.itemCount, dimensions: made.dimensions, count: k };
    const ours = await open('ours');
    await ours('data', { ...shape, biases: made.biases, isExact: made.isExact });
    const ready = [];
    const results = [];
    for (const { peer, script, kind } of contestants) {
      const result = { peer, kind, times: [], recall: null, recallUnquantised: null, adapter: '', error: null };
      results.push(result);
      try {
        await globalThis.tell(`preparing ${peer ?? kind}`);
        const call = script === 'ours' ? ours : await open(script);
        const startMs = performance.now();
        const prepared = call('prepare', { kind, ...(script === 'ours' ? {} : { ...shape, biasValues: made.biases }) });
        Object.assign(result, await within(PREPARE_LIMIT_MS, prepared, 'preparing'));
        result.prepareMs = performance.now() - startMs;
        const contestant = { result, call, kind, repeats: 1, isSlow: false };
        const queriesOf = (round) => (batchSize > 1 ? made.queries.slice(0, batchSize) : [made.queries[round % 20]]);
        contestant.run = (round, repeats = contestant.repeats) => call('run', { kind, queries: queriesOf(round), repeats });
        // Warm: compilers have their say before the clock runs.
        await globalThis.tell(`warming ${peer ?? kind}`);
        const first = (await within(runLimitMs, contestant.run(0), 'one run')).ms;
        contestant.isSlow = first > 1_000;
        if (!contestant.isSlow) {
          for (let n = 0; n < 3; n++) await contestant.run(n, Math.max(1, Math.min(50, Math.round(20 / first))));
          const { ms } = await contestant.run(1);
          contestant.repeats = Math.max(1, Math.min(100, Math.ceil(RUN_MS / Math.max(ms, 0.01))));
        }
        ready.push(contestant);
      } catch (error) {
        result.error = error.message;
      }
    }
    await globalThis.tell('measuring');
    const endMs = performance.now() + budgetMs;
    for (let round = 0; round < 201 && (round < 5 || performance.now() < endMs); round++) {
      for (const contestant of ready) {
        if (contestant.isSlow && round > 1) continue;
        contestant.result.times.push((await contestant.run(round)).ms);
      }
    }
    for (const { result, call, kind } of ready) {
      if (kind === 'floor') continue;
      const lists = [];
      if (batchSize > 1) {
        const { lists: all } = await call('run', { kind, queries: made.queries.slice(0, batchSize), repeats: 1 });
        for (let q = 0; q < RECALL_QUERIES; q++) lists.push([q, all[q]]);
      } else {
        for (let q = 0; q < RECALL_QUERIES; q++)
          lists.push([q, (await call('run', { kind, queries: [made.queries[q]], repeats: 1 })).lists[0]]);
      }
      result.recall = await data('recall', { lists, k });
      result.recallUnquantised = await data('recall', { lists, k, ofUnquantised: true });
    }
    return { itemCount: made.itemCount, dimensions: made.dimensions, results };
  } finally {
    for (const worker of workers) worker.terminate();
  }
};
