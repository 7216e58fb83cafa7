import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const rows = ['README.md', 'SECURITY.md'].flatMap((document) =>
  [...readFileSync(document, 'utf8').matchAll(/^\|(.+)\| `(test\/[\w./]+)`: "([^"]+)" \|$/gm)].map(([, promise, file, title]) => ({
    document,
    promise: promise!.trim(),
    file: file!,
    title: title!,
  })),
);

describe('a privacy promise', () => {
  it('is made at least a dozen times', () => {
    expect(rows.length).toBeGreaterThanOrEqual(12);
  });

  it.each(rows)('names a test that there is: $promise', ({ file, title }) => {
    expect(existsSync(file), file).toBe(true);
    const titles = [...readFileSync(file, 'utf8').matchAll(/\bit\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)].map((match) => match[2]);
    expect(titles).toContain(title);
  });

  it('is never made without one', () => {
    const section = /\n## Privacy\n[\s\S]*?(?=\n## )/.exec(readFileSync('README.md', 'utf8'))![0];
    const table = section.split('\n').filter((line) => line.startsWith('| ') && !/^\| (promise|---)/.test(line));
    expect(table).toHaveLength(rows.filter(({ document }) => document === 'README.md').length);
  });
});
