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

describe('the built package in a browser that fails', () => {
  it.each(SCENARIOS)('loses and doubles nothing: $name ($fault)', async (scenario) => {
    const options = { shop, count: scenario.smallCount, random: seededRandom(1), onProgress: () => {} };
    expect(await scenario.run(options)).toMatchObject(scenario.must);
  });
});
