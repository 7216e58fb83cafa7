import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultShop } from './faultShop.js';
import { openFaultShop } from './faultShop.js';
import { seededRandom } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

let shop: FaultShop;
beforeAll(async () => {
  shop = await openFaultShop();
});
afterAll(() => shop?.close());

/** Playwright knows no back/forward cache (it switches it off) and now and then calls a page that was swapped "crashed". */
const RETRIES: Readonly<Record<string, number>> = { bfcache: 2 };

describe('the built package in a browser that fails', () => {
  for (const scenario of SCENARIOS) {
    it(`loses and doubles nothing: ${scenario.name} (${scenario.fault})`, { retry: RETRIES[scenario.name] ?? 0 }, async () => {
      const options = { shop, count: scenario.smallCount, random: seededRandom(1), onProgress: () => {} };
      expect(await scenario.run(options)).toMatchObject(scenario.must);
    });
  }
});
