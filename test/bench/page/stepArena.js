/** One event to the best items: ours, the top-k alone, and tfjs-layers, in turn, each in a worker. Driven by lib/sequenceRows.mjs. */
import { callable } from './rpc.js';

async function open(script, type) {
  const worker = new Worker(`/bench/${script}.js`, { type });
  await new Promise((resolve, reject) => {
    worker.addEventListener('message', resolve, { once: true });
    worker.addEventListener('error', (event) => reject(new Error(event.message || `${script}.js did not load`)), { once: true });
  });
  return { worker, call: callable(worker) };
}

/** Returns for each contestant {peer, times} or {peer, error}. */
export async function contest({ itemCount, units, steps, count, budgetMs }) {
  const workers = [];
  const contestants = [];
  const add = async (peer, script, type, kind, shared) => {
    const contestant = { peer, kind, times: [], error: null, repeats: script === 'step' ? 20 : 1 };
    contestants.push(contestant);
    try {
      let opened = shared;
      if (!opened) workers.push((opened = await open(script, type)));
      contestant.call = opened.call;
      if (!shared) await opened.call('prepare', { kind, itemCount, units, steps });
      contestant.run = async () => (await contestant.call('run', { kind, itemCount, steps, count, repeats: contestant.repeats })).ms;
      // Compilers have their say before the clock runs: our step is plain JavaScript.
      const warmMs = performance.now() + 500;
      for (let n = 0; n < 100 && (n < 3 || performance.now() < warmMs); n++) await contestant.run();
      contestant.repeats = Math.max(1, Math.min(50, Math.ceil(20 / (await contestant.run()))));
      return opened;
    } catch (error) {
      contestant.error = error.message;
      return null;
    }
  };
  try {
    const ours = await add('ours', 'step', 'module', 'step', null);
    await add('topk-alone', 'step', 'module', 'topk', ours);
    await add('tfjs-layers-wasm', 'stepTfjs', 'classic', 'wasm', null);
    await add('tfjs-layers-cpu', 'stepTfjs', 'classic', 'cpu', null);
    const endMs = performance.now() + budgetMs;
    for (let round = 0; round < 201 && (round < 7 || performance.now() < endMs); round++)
      for (const contestant of contestants) if (!contestant.error) contestant.times.push(await contestant.run());
    return contestants.map(({ peer, times, error }) => ({ peer, times, error }));
  } finally {
    for (const { worker } of workers) worker.terminate();
  }
}
