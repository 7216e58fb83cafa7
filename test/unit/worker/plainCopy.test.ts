import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCopy } from '../../../worker/plainCopy.js';

describe('plainCopy', () => {
  it('copies plain values to the same values, without a prototype', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(JSON.stringify(plainCopy(structuredClone(value)))).toBe(JSON.stringify(value));
      }),
    );
    expect(Object.getPrototypeOf(plainCopy({ a: 1 }))).toBe(null);
  });

  it('keeps a name like __proto__ a name', () => {
    const copy = plainCopy(JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}')) as object;
    expect(Object.keys(copy)).toEqual(['__proto__', 'constructor']);
    expect('x' in copy).toBe(false);
    expect('x' in {}).toBe(false);
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const laughs = Array.from({ length: 7 }).reduce<unknown>((inner) => Array.from({ length: 30 }, () => inner), 'ha');
  it.each([
    ['a cycle', cyclic],
    ['nesting', JSON.parse(`${'['.repeat(40)}1${']'.repeat(40)}`)],
    ['a huge sparse list', Array(4e9)],
    ['a huge number array', new Float32Array(60_000)],
    ['references to references', laughs],
    ['a long text', 'x'.repeat(3_000_000)],
    ['a Map', new Map()],
    ['a Date', { when: new Date(0) }],
  ])('refuses %s', (_, value) => {
    expect(() => plainCopy(value)).toThrowError(expect.objectContaining({ code: 'input/invalid' }));
  });

  it('leaves out what is not plain in an event', () => {
    expect(plainCopy({ when: new Date(0), event: 'search' }, { isLenient: true })).toEqual({ event: 'search' });
  });
});
