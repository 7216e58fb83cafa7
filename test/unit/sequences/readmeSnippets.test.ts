import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SNIPPETS } from '../../../src/cli/sequences/snippets.js';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it.each(Object.entries(SNIPPETS))('shows the code for %s as the command line does', (name, code) => {
    const language = name === 'tfjs' ? 'js' : 'python';
    expect(README).toContain(`\`\`\`${language}\n${code}\n\`\`\`\n`);
  });
});
