import type { RecommenderOptions } from './recommenderApi.js';

/**
 * Starts the worker of the script-tag build. From another origin a Worker may not be made directly, so a blob
 * of two statements imports it; that needs `worker-src blob:` and the script's origin in `script-src`.
 */
export function startClassicWorker(worker: RecommenderOptions['worker'], workerUrl: URL): Worker {
  if (typeof worker === 'function') return worker();
  const url = worker === undefined ? workerUrl : new URL(worker, document.baseURI);
  if (url.origin === location.origin) return new Worker(url, { name: 'shelfmate' });
  const address = JSON.stringify(url.href);
  const bootstrap = new Blob([`self.shelfmateWorkerUrl=${address};importScripts(${address});`], { type: 'text/javascript' });
  const blobUrl = URL.createObjectURL(bootstrap);
  const started = new Worker(blobUrl, { name: 'shelfmate' });
  // The browser has read the blob by the time the worker first speaks or fails; some read it late, so wait.
  setTimeout(() => URL.revokeObjectURL(blobUrl), 30_000);
  return started;
}
