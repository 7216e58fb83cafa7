import { expect, test } from 'vitest';
import { DeviceGuard } from '../../../worker/backends/deviceGuard.js';

const never = () => new Promise<never>(() => {});

test('runs one call at a time, in order', async () => {
  const guard = new DeviceGuard('device');
  const log: string[] = [];
  const call = (name: string) => async () => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`${name} ends`);
  };
  await Promise.all([guard.run(call('a')), guard.run(call('b'))]);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a failing call fails alone', async () => {
  const guard = new DeviceGuard('device');
  await expect(guard.run(() => Promise.reject(new Error('no')))).rejects.toMatchObject({ code: 'backend/failed' });
  await expect(guard.run(async () => 7)).resolves.toBe(7);
});

test('a lost device rejects the running, the waiting and every later call', async () => {
  const guard = new DeviceGuard('device');
  const calls = [guard.run(never), guard.run(async () => 1)];
  guard.fail('was lost');
  calls.push(guard.run(async () => 2));
  for (const call of calls)
    await expect(call).rejects.toMatchObject({ code: 'backend/failed', message: expect.stringContaining('was lost') });
});

test('a device that falls silent counts as lost', async () => {
  const guard = new DeviceGuard('device', 20);
  const calls = [guard.run(never), guard.run(async () => 1)];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'backend/failed', message: expect.stringContaining('20 ms') });
});
