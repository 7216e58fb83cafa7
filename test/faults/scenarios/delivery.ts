import { runDelivery } from '../deliveryRun.js';
import type { Scenario } from '../scenario.js';

/** Many updates in little time: the worker's engine in Node, over a store in memory. One of each in a browser: deliveryInBrowser.ts. */
export const delivery: Scenario = {
  name: 'delivery',
  fault: 'updates that are cut, short, flipped, HTML, missing, failing, stalled, old, wrongly signed, or bad in themselves',
  smallCount: 150,
  longCount: null,
  countedBy: 'updates',
  must: { badActivations: 0, unserved: 0, goodMissed: 0, maxRevisionsKept: 2 },
  run: ({ count, random, onProgress }) => runDelivery(count, random, (done) => onProgress(done)),
};
