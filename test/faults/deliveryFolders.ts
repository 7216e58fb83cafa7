import { joinSignature, signedPart } from '../../src/core/artifact/signature.js';
import type { ModelFolder } from '../../src/core/artifact/writeModelFolder.js';
import { writeModelFolder } from '../../src/core/artifact/writeModelFolder.js';
import { sha256, smallModelInput } from '../fixtures/smallModel.js';

const ITEMS = 40;

export interface Keys {
  readonly publicKey: Record<string, unknown>;
  readonly sign: (folder: ModelFolder) => Promise<Map<string, Uint8Array>>;
}

export async function makeKeys(): Promise<Keys> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  return {
    publicKey: (await crypto.subtle.exportKey('jwk', pair.publicKey)) as Record<string, unknown>,
    sign: async ({ files }) => {
      const bytesOf = new Map<string, Uint8Array>(files.map(({ path, bytes }) => [path, bytes]));
      const part = signedPart(bytesOf.get('manifest.json')!);
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, part as Uint8Array<ArrayBuffer>);
      return bytesOf.set('manifest.json', joinSignature(part, Buffer.from(signature).toString('base64')));
    },
  };
}

/** A folder whose revision is `second` seconds after the first; `isBroken`: its hashes hold and its contents do not. */
export async function makeFolder(second: number, isBroken: 'self-test' | 'non-finite' | null = null): Promise<ModelFolder> {
  // Nothing is the same in two revisions: each of its files has to come, so each fault is met.
  const items = Array.from({ length: ITEMS }, (_, i) => ({ itemId: `i${i}`, title: `Item ${i} of ${second}` }));
  const input = smallModelInput({ itemCount: ITEMS, items, seed: second + 1, dtype: 'int8', dimensions: 8 });
  const folder = await writeModelFolder({ ...input, createdAtMs: input.createdAtMs + 1_000 * second }, sha256);
  if (isBroken === null) return folder;
  const manifest = JSON.parse(new TextDecoder().decode(folder.files.at(-1)!.bytes)) as typeof folder.manifest;
  const test = manifest.models[0]!.selfTests[0]!;
  (test.scores as number[])[0] = isBroken === 'self-test' ? test.scores[0]! + 1 : 1e38;
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  return { manifest, files: [...folder.files.slice(0, -1), { path: 'manifest.json', bytes }] };
}
