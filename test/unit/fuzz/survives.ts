import fc from 'fast-check';
import { expect } from 'vitest';
import { isRecommenderError } from '../../../src/core/errors.js';

/** Inputs per parser: a few in the ordinary test, `npm run test:fuzz -- --runs 1000000` for the long run. */
export const FUZZ_RUNS = Number(process.env['SHELFMATE_FUZZ_RUNS'] ?? 2_000);
const IS_LONG = process.env['SHELFMATE_FUZZ_RUNS'] !== undefined;
export const FUZZ_TIMEOUT_MS = FUZZ_RUNS > 2_000 ? 24 * 3_600_000 : 120_000;
/** Processor time, not the clock's: other work on the machine does not count. Held in the long run alone. */
const HANG_MS = 100;

/** What one parser did over the run. */
export interface Survived {
  readonly accepted: number;
  readonly refused: number;
}

/**
 * Runs `parse` on every input. It must return, or throw a RecommenderError; it must not change Object.prototype, nor take longer than 100 ms.
 */
export async function survives<T>(inputs: fc.Arbitrary<T>, parse: (input: T) => unknown): Promise<Survived> {
  const prototypes = describePrototypes();
  let accepted = 0;
  let refused = 0;
  const once = async (input: T): Promise<void> => {
    try {
      await parse(input);
      accepted++;
    } catch (error) {
      if (!isRecommenderError(error)) throw error;
      refused++;
    }
  };
  await fc.assert(
    fc.asyncProperty(inputs, async (input) => {
      const tookMs = await processorMs(() => once(input));
      // A garbage collection can fall into one run, hardly into three.
      if (IS_LONG && tookMs > HANG_MS) {
        const again = Math.min(await processorMs(() => once(input)), await processorMs(() => once(input)));
        if (again > HANG_MS) throw new Error(`took ${Math.round(again)} ms of processor time`);
      }
    }),
    { numRuns: FUZZ_RUNS, ...(IS_LONG && { interruptAfterTimeLimit: 24 * 3_600_000 }) },
  );
  expect(describePrototypes()).toBe(prototypes);
  // One that accepts all, or nothing, was not tried.
  expect(refused).toBeGreaterThan(0);
  if (IS_LONG) console.log(`${expect.getState().currentTestName}: ${accepted + refused} inputs, ${refused} refused`);
  return { accepted, refused };
}

async function processorMs(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function describePrototypes(): string {
  return [Object.prototype, Array.prototype, Map.prototype, Function.prototype, String.prototype]
    .map((prototype) => Reflect.ownKeys(prototype).map(String).join())
    .join('\n');
}
