import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { LoadedModel } from '../../../src/core/artifact/readModelFolder.js';
import { readModelFolder } from '../../../src/core/artifact/readModelFolder.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import type { CliResult } from '../cli/captureIo.js';
import { cli, temporaryFile, temporaryFolder } from '../cli/captureIo.js';

/** A file or folder of test/fixtures/factors. */
export const factorFixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/factors/${name}`, import.meta.url));

/** What the library itself answers, in float64: written by makeFactorFixtures.py. */
export interface FactorAnswers {
  readonly users: readonly { readonly vector: readonly number[]; readonly top: readonly number[] }[];
  readonly foldIn: readonly {
    readonly items: readonly number[];
    readonly weights: readonly number[];
    readonly vector: readonly number[];
    readonly top: readonly number[];
  }[];
}

export const expected = JSON.parse(readFileSync(factorFixture('expected.json'), 'utf8')) as Record<string, FactorAnswers>;

export const ITEM_IDS: readonly string[] = Array.from({ length: 90 }, (_, row) => `sku-${row}`);
export const idsFile = (): string => temporaryFile('items.txt', `${ITEM_IDS.join('\n')}\n`);

/** Packs and reads the folder back as a page does. */
export async function packed(argv: readonly string[]): Promise<{ model: LoadedModel; result: CliResult; out: string }> {
  const out = join(temporaryFolder(), 'out');
  const result = await cli(['pack', ...argv, '--out', out]);
  expect(result).toMatchObject({ code: 0 });
  const manifest = readManifest(readFileSync(join(out, 'manifest.json')));
  return { out, result, model: await readModelFolder(manifest, async (entry) => readFileSync(join(out, entry.path)), null) };
}
