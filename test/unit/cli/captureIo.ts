import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliIo } from '../../../src/cli/cliIo.js';
import type { ExitCode } from '../../../src/cli/runCli.js';
import { runCli } from '../../../src/cli/runCli.js';

export interface CliResult {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** 2026-06-01. */
export const NOW_MS = Date.UTC(2026, 5, 1);

/** Runs a command in this process, with a still clock and no terminal. */
export async function cli(argv: readonly string[], overrides: Partial<CliIo> = {}): Promise<CliResult> {
  const text = { stdout: '', stderr: '' };
  const code = await runCli(argv, {
    stdout: { write: (part) => (text.stdout += part) },
    stderr: { write: (part) => (text.stderr += part) },
    env: {},
    now: () => NOW_MS,
    fetch: () => Promise.reject(new Error('no network in tests')),
    signal: new AbortController().signal,
    ...overrides,
  });
  return { code, ...text };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'shelfmate-cli-'));
}

/** Writes a file into a new folder and returns its path. */
export function temporaryFile(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** Events of two groups of shoppers who never meet the other group's items: 12 shoppers, 12 items, CSV. */
export function twoGroupsCsv(): string {
  const lines = ['user_id,item_id,timestamp'];
  for (let user = 0; user < 12; user++) {
    for (let step = 0; step < 5; step++) lines.push(`u${user},item-${(user % 2) * 6 + ((user + step) % 6)},${1_700_000_000 + 60 * step}`);
  }
  return `${lines.join('\n')}\n`;
}
