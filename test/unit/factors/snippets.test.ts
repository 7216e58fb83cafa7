import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FACTOR_SNIPPETS } from '../../../src/cli/factors/factorSnippets.js';
import { cli } from '../cli/captureIo.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the Python for factor models', () => {
  it.each(Object.entries(FACTOR_SNIPPETS))('is the same in the README and in pack --snippet: %s', async (library, snippet) => {
    expect(README).toContain(`\`\`\`python\n${snippet}\n\`\`\``);
    expect(await cli(['pack', '--snippet', library])).toEqual({ code: 0, stdout: `${snippet}\n`, stderr: '' });
  });

  it('is listed where a library is unknown', async () => {
    const { code, stderr } = await cli(['pack', '--snippet', 'sklearn']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--snippet is one of: implicit, spark, surprise, .*gru4rec/)]);
  });
});
