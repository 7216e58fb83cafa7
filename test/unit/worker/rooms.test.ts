import { describe, expect, it } from 'vitest';
import { isRecommenderError } from '../../../src/core/errors.js';
import { openRoom } from '../../../worker/rooms.js';

/** A room whose file fails as often as told, and the addresses it was asked for. */
function roomThatFails(times: number) {
  const asked: string[] = [];
  const load = async (url: string): Promise<unknown> => {
    asked.push(url);
    if (asked.length <= times) throw new TypeError('Failed to fetch dynamically imported module');
    return { room: 42 };
  };
  const open = openRoom<number>(() => new URL('./strategies.js', 'https://cdn.example/lib/worker.js'), load);
  return { open, asked };
}

describe('a room of the worker', () => {
  it('is loaded when first asked for, and once', async () => {
    const { open, asked } = roomThatFails(0);
    expect(asked).toEqual([]);
    expect(await Promise.all([open(), open()])).toEqual([42, 42]);
    expect(await open()).toBe(42);
    expect(asked).toEqual(['https://cdn.example/lib/strategies.js']);
  });

  it('rejects with a typed error that names the file, for all who wait', async () => {
    const { open, asked } = roomThatFails(1);
    const errors = await Promise.all([open(), open()].map((opening) => opening.catch((error: unknown) => error)));
    for (const error of errors) {
      expect(isRecommenderError(error)).toBe(true);
      expect(error).toMatchObject({ code: 'worker/failed', details: { url: 'https://cdn.example/lib/strategies.js' } });
      expect(String(error)).toMatch(/strategies\.js could not be loaded/);
    }
    expect(asked).toHaveLength(1);
  });

  it('is tried again at the next call, under another address, and kept once it is there', async () => {
    const { open, asked } = roomThatFails(2);
    await expect(open()).rejects.toThrow(/strategies\.js/);
    await expect(open()).rejects.toThrow(/strategies\.js/);
    expect(await open()).toBe(42);
    expect(await open()).toBe(42);
    expect(asked.map((url) => new URL(url).search)).toEqual(['', '?retry=1', '?retry=2']);
  });
});
