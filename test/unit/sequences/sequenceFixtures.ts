import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OriginalAnswers } from '../../../src/cli/sequences/selfTestFile.js';
import { readSelfTestFile } from '../../../src/cli/sequences/selfTestFile.js';
import type { SequenceReadOptions, SequenceSource } from '../../../src/cli/sequences/sequenceSource.js';
import { readSequenceSource } from '../../../src/cli/sequences/readSequenceSource.js';

/** The ids of every fixture. */
export const IDS: readonly string[] = Array.from({ length: 30 }, (_, i) => `item-${String(i).padStart(2, '0')}`);

/** Path of a file of a fixture. */
export function fixture(...path: string[]): string {
  return join(fileURLToPath(new URL('../../fixtures/sequences', import.meta.url)), ...path);
}

/** The model file of a fixture. */
export function modelFile(name: string): string {
  const found = readdirSync(fixture(name)).find((file) => /^model\.(?!.*bin$)/.test(file));
  return fixture(name, found!);
}

export async function readFixture(
  name: string,
  options: SequenceReadOptions = {},
): Promise<{ source: SequenceSource; answers: OriginalAnswers }> {
  const source = await readSequenceSource(modelFile(name), { itemCount: IDS.length, ...options });
  return { source, answers: await readSelfTestFile(fixture(name, 'self-test.json'), IDS) };
}
