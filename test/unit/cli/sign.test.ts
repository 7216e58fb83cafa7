import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitSignature } from '../../../src/core/artifact/signature.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import { smallFolder } from '../../fixtures/smallModel.js';
import { writeFolder } from '../../fixtures/writeFolder.js';
import { cli, temporaryFolder } from './captureIo.js';

async function newKey(): Promise<{ path: string; publicKey: string }> {
  const path = join(temporaryFolder(), 'private.pem');
  const { code, stdout } = await cli(['sign', '--new-key', path]);
  expect(code).toBe(0);
  return { path, publicKey: stdout.trim().split('\n').at(-1)! };
}

describe('shelfmate sign', () => {
  it('makes a key that only its owner may read, and never overwrites one', async () => {
    const { path } = await newKey();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const again = await cli(['sign', '--new-key', path]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') as string });
  });

  it('signs a folder that verify then accepts with the public key, signed once or twice', async () => {
    const { path, publicKey } = await newKey();
    const folder = writeFolder(await smallFolder());
    const unsigned = readFileSync(join(folder, 'manifest.json'));
    for (let times = 0; times < 2; times++) {
      const signing = await cli(['sign', folder, '--key', path]);
      expect(signing).toMatchObject({ code: 0, stdout: expect.stringContaining(publicKey) as string });
      const { signed } = splitSignature(readFileSync(join(folder, 'manifest.json')));
      expect(`${Buffer.from(signed).toString()}\n}\n`).toBe(unsigned.toString());
    }
    expect(await cli(['verify', folder, '--public-key', publicKey])).toMatchObject({ code: 0 });
    expect(await cli(['verify', folder])).toMatchObject({ code: 0 });
  });

  it('lets verify fail without a signature, with another key, and after any change', async () => {
    const { path, publicKey } = await newKey();
    const other = await newKey();
    const folder = writeFolder(await smallFolder());
    const verifying = (key: string) => cli(['verify', folder, '--public-key', key]);
    expect(await verifying(publicKey)).toMatchObject({ code: 1, stdout: expect.stringContaining('is not signed') as string });
    await cli(['sign', folder, '--key', path]);
    expect(await verifying(other.publicKey)).toMatchObject({ code: 1, stdout: expect.stringContaining('not that of the key') as string });
    const manifest = join(folder, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"name": "small"', '"name": "smalL"'));
    expect(await verifying(publicKey)).toMatchObject({ code: 1, stdout: expect.stringContaining('not that of the key') as string });
    expect(await verifying('nonsense')).toMatchObject({ code: 1, stdout: expect.stringContaining('no public key') as string });
  });

  it('writes who takes the folder, and signs that too', async () => {
    const { path, publicKey } = await newKey();
    const { manifest, ...written } = await smallFolder();
    const folder = writeFolder({ manifest, ...written });
    expect(await cli(['sign', folder, '--key', path, '--rollout', '0.25', '--rollback'])).toMatchObject({ code: 0 });
    const read = readManifest(readFileSync(join(folder, 'manifest.json')));
    expect(read).toMatchObject({ revision: manifest.revision, rollout: 0.25, rollbackTo: manifest.revision });
    expect(await cli(['verify', folder, '--public-key', publicKey])).toMatchObject({ code: 0 });
    const unsigning = await cli(['sign', folder, '--rollout', '1']);
    expect(unsigning).toMatchObject({ code: 2, stderr: expect.stringContaining('is signed') as string });
  });

  it.each([
    [['sign'], 2, /Name the model folder/],
    [['sign', 'nowhere', '--key', 'no.pem'], 1, /no\.pem is no private key/],
    [['sign', '.', '--rollout', '2'], 2, /from 0 to 1/],
  ])('says what is wrong with %j', async (argv, code, message) => {
    const result = await cli(argv as string[]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(message as RegExp);
  });
});
