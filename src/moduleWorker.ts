import type { RecommenderOptions } from './recommenderApi.js';

/** Starts the worker of the ESM build: the script beside this file, or what the shop names. */
export function startModuleWorker(worker: RecommenderOptions['worker']): Worker {
  if (typeof worker === 'function') return worker();
  if (worker !== undefined) return new Worker(worker, { type: 'module', name: 'shelfmate' });
  // Written out literally: bundlers look for exactly this form and emit the file.
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'shelfmate' });
}
