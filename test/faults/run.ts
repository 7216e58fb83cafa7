/**
 * Injects the faults of test/faults/README.md into a real Chromium, as often as asked:
 *
 *   npm run test:faults -- --kills 1000 (or --losses 200: the same number by another name) [--only renderer-kill,browser-kill] [--seed 7] [--json FILE]
 *   npm run test:faults -- --only delivery [--updates 10000]
 *
 * Prints what came out of each, and exits with 1 when a figure is not what it must be.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openFaultShop } from './faultShop.js';
import type { Figures, Scenario } from './scenario.js';
import { seededRandom } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    losses: { type: 'string' },
    updates: { type: 'string', default: '10000' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
});
const kills = Number(values.losses ?? values.kills);
const updates = Number(values.updates);
const seed = Number(values.seed);
const names = values.only.split(',').filter(Boolean);
/** By its name, or how a group of names begins. */
const isNamed = (scenario: Scenario, name: string): boolean => scenario.name === name || scenario.name.startsWith(`${name}-`);
const unknown = names.filter((name) => !SCENARIOS.some((scenario) => isNamed(scenario, name)));
if (![kills, updates].every((count) => Number.isInteger(count) && count > 0) || !Number.isInteger(seed) || unknown.length > 0) {
  const known = SCENARIOS.map(({ name }) => name).join(', ');
  console.error(`--kills, --updates and --seed take whole numbers, --only some of: ${known}. Seen: ${JSON.stringify(values)}`);
  process.exit(2);
}

const results: Record<string, { readonly seconds: number; readonly figures: Figures; readonly wrong: readonly string[] }> = {};
const save = (): void => {
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ kills, seed, results }, null, 2)}\n`);
};
let isRight = true;
for (const scenario of SCENARIOS.filter((one) => names.length === 0 || names.some((name) => isNamed(one, name)))) {
  const count = scenario.countedBy === 'updates' ? updates : Math.min(kills, scenario.longCount ?? kills);
  console.log(`${scenario.name} x ${count}: ${scenario.fault}`);
  const startMs = Date.now();
  const shop = await openFaultShop();
  const seconds = (): number => Math.round((Date.now() - startMs) / 1000);
  // A long run that is broken off leaves what it has seen.
  const onProgress = (done: number, figures?: Figures): void => {
    if (done === 0 || done % 10 > 0) return;
    if (done % 50 === 0) console.log(`  ${done} after ${seconds()} s`);
    if (!figures) return;
    results[scenario.name] = { seconds: seconds(), figures, wrong: ['not finished'] };
    save();
  };
  const figures = await scenario.run({ shop, count, random: seededRandom(seed), onProgress });
  await shop.close();
  const wrong = Object.entries(scenario.must).flatMap(([name, value]) =>
    figures[name] === value ? [] : [`${name} is ${figures[name]}, not ${value}`],
  );
  results[scenario.name] = { seconds: seconds(), figures, wrong };
  console.log(`  ${JSON.stringify(figures)}${wrong.length > 0 ? `  WRONG: ${wrong.join(', ')}` : ''}`);
  isRight &&= wrong.length === 0;
  save();
}
process.exit(isRight ? 0 : 1);
