import { describe, expect, it } from 'vitest';
import { runDelivery } from '../../faults/deliveryRun.js';
import { createRandom } from '../../fixtures/random.js';

const UPDATES = Number(process.env['SHELFMATE_DELIVERY_UPDATES'] ?? 150);
const SEED = Number(process.env['SHELFMATE_DELIVERY_SEED'] ?? 1);

describe('faulty updates', { timeout: 24 * 3_600_000 }, () => {
  it('never take the place of the last good model, which answers every list; good ones do', async () => {
    const figures = await runDelivery(UPDATES, createRandom(SEED), () => {});
    if (process.env['SHELFMATE_DELIVERY_UPDATES']) console.log(JSON.stringify(figures));
    expect(figures).toMatchObject({ updates: UPDATES, badActivations: 0, served: figures.lists, goodTaken: figures.goodUpdates });
    expect(figures.maxRevisionsKept).toBeLessThanOrEqual(2);
    expect(figures.goodTaken).toBeGreaterThan(0);
  });
});
