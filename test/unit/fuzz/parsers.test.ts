import fc from 'fast-check';
import { describe, it } from 'vitest';
import { readCatalogShard } from '../../../src/core/artifact/catalogShard.js';
import { readFactorShard } from '../../../src/core/artifact/factorShard.js';
import type { ReadFile } from '../../../src/core/artifact/readModelFolder.js';
import { allocateModel, readModelFolder, readUserVector } from '../../../src/core/artifact/readModelFolder.js';
import { checkSequenceEntry } from '../../../src/core/artifact/readSequence.js';
import { readSafetensors, toFloat32 } from '../../../src/core/artifact/safetensors.js';
import type { SignatureCrypto } from '../../../src/core/artifact/signature.js';
import { joinSignature, signedPart, verifySignature } from '../../../src/core/artifact/signature.js';
import { readContent, readContentTerms, readFactorMap } from '../../../src/core/artifact/tables/contentTable.js';
import { readNeighbors } from '../../../src/core/artifact/tables/neighborTable.js';
import { readPrototypes } from '../../../src/core/artifact/tables/prototypeTable.js';
import { readTables } from '../../../src/core/artifact/tables/readTables.js';
import { readTrends } from '../../../src/core/artifact/tables/trendTable.js';
import { readManifest } from '../../../src/core/artifact/validateManifest.js';
import { writeModelFolder } from '../../../src/core/artifact/writeModelFolder.js';
import { Catalog } from '../../../src/core/catalog.js';
import { createItemMatrix } from '../../../src/core/kernels/itemMatrix.js';
import { sequenceRoom } from '../../../src/core/sequenceRoom.js';
import { sha256, smallFolder, smallModelInput } from '../../fixtures/smallModel.js';
import { smallSequence } from '../../fixtures/smallSequence.js';
import { smallTables } from '../../fixtures/smallTables.js';
import { byteMutations, jsonMutations, mutateBytes, mutateJson } from './mutations.js';
import { FUZZ_TIMEOUT_MS, survives } from './survives.js';

const ITEMS = 24;
const { manifest, files } = await writeModelFolder(
  { ...smallModelInput({ itemCount: ITEMS }), sequences: [smallSequence(ITEMS)], tables: smallTables(ITEMS) },
  sha256,
);
const bytesOf = new Map(files.map(({ path, bytes }) => [path, bytes]));
const manifestBytes = bytesOf.get('manifest.json')!;
const json = JSON.parse(new TextDecoder().decode(manifestBytes)) as Record<string, unknown>;
const tables = readTables(manifest);
/** Reads the folder with one file of another content; hashes are not looked at here. */
const reading =
  (path: string, bytes: Uint8Array): ReadFile =>
  async (entry) =>
    entry.path === path ? bytes : bytesOf.get(entry.path)!;

describe(
  'a parser given hostile bytes refuses with a typed error or reads, at once, and changes no prototype',
  { timeout: FUZZ_TIMEOUT_MS },
  () => {
    it('manifest, values changed', () => survives(jsonMutations, (changes) => readManifest(mutateJson(json, changes))));
    it('manifest, bytes changed', () => survives(byteMutations, (changes) => readManifest(mutateBytes(manifestBytes, changes))));
    it('manifest, any bytes', () => survives(fc.uint8Array({ maxLength: 300 }), (bytes) => readManifest(bytes)));

    it('folder of a changed manifest, up to its rows', () =>
      survives(jsonMutations, (changes) => {
        const changed = readManifest(mutateJson(json, changes));
        allocateModel(changed, null, sequenceRoom);
        readTables(changed);
      }));

    it('safetensors', async () => {
      const factors = bytesOf.get(manifest.models[0]!.shards[0]!.path)!;
      await survives(byteMutations, (changes) => {
        for (const [name, tensor] of readSafetensors(mutateBytes(factors, changes), 'f'))
          if (tensor.dtype === 'F32') toFloat32(tensor, name, 'f');
      });
      const header = { a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] }, b: { dtype: 'I8', shape: [8], data_offsets: [16, 24] } };
      await survives(jsonMutations, (changes) => {
        const text = mutateJson(header, changes);
        const bytes = new Uint8Array(8 + text.length + 24);
        new DataView(bytes.buffer).setUint32(0, text.length, true);
        bytes.set(text, 8);
        return readSafetensors(bytes, 'f');
      });
    });

    it('catalogue shard', async () => {
      const { path, rowCount } = manifest.catalog.shards[0]!;
      const shard = bytesOf.get(path)!;
      const { fields } = manifest.catalog;
      const parse = (bytes: Uint8Array): unknown => {
        const catalog = Catalog.fromShards([readCatalogShard(bytes, fields, rowCount, path)], fields);
        for (let row = 0; row < catalog.itemCount; row++) JSON.stringify(catalog.item(row));
        return catalog;
      };
      await survives(byteMutations, (changes) => parse(mutateBytes(shard, changes)));
      const value: unknown = JSON.parse(new TextDecoder().decode(shard));
      await survives(jsonMutations, (changes) => parse(mutateJson(value, changes)));
    });

    it.each(['int8', 'float16', 'float32'] as const)('factor shard of %s', async (dtype) => {
      const folder = await smallFolder({ itemCount: ITEMS, dtype, dimensions: 5, foldIn: { kind: 'mean' } });
      const entry = folder.manifest.models[0]!;
      const shard = entry.shards[0]!;
      const bytes = folder.files.find(({ path }) => path === shard.path)!.bytes;
      const shape = { itemCount: ITEMS, dimensions: 5, hasBiases: false, hasExactRows: dtype !== 'int8', wasmScratchBytes: null };
      const matrix = createItemMatrix(shape);
      await survives(byteMutations, (changes) => readFactorShard(mutateBytes(bytes, changes), shard, entry, matrix));
    });

    it('tables, entries changed', () =>
      survives(jsonMutations, (changes) => {
        const changed: unknown = JSON.parse(new TextDecoder().decode(mutateJson(manifest.tables, changes)));
        return readTables({ ...manifest, tables: changed });
      }));

    it.each<[string, string, (bytes: ReadFile) => Promise<unknown>]>([
      ['neighbours', tables.neighbors[0]!.shards[0]!.path, (source) => readNeighbors(manifest, tables.neighbors[0]!, source)],
      ['baskets', tables.neighbors[1]!.shards[0]!.path, (source) => readNeighbors(manifest, tables.neighbors[1]!, source)],
      ['trends', tables.trends!.shards[0]!.path, (source) => readTrends(manifest, tables.trends!, source)],
      ['content', tables.content!.shards[0]!.path, (source) => readContent(manifest, tables.content!, source)],
      ['terms', tables.content!.terms.termShards[0]!.path, (source) => readContentTerms(manifest, tables.content!, source)],
      ['factor map', tables.content!.factorMap!.path, (source) => readFactorMap(manifest, tables.content!, source)],
      ['prototypes', tables.prototypes!.shards[0]!.path, (source) => readPrototypes(manifest, tables.prototypes!, source)],
    ])('table of %s', async (_, path, parse) => {
      await survives(byteMutations, (changes) => parse(reading(path, mutateBytes(bytesOf.get(path)!, changes))));
    });

    it('sequence model, entry changed', () =>
      survives(jsonMutations, (changes) => {
        const entry = new TextDecoder().decode(mutateJson(manifest.sequences[0], changes));
        const text = JSON.stringify({ ...json, sequences: ['ENTRY'] }).replace('"ENTRY"', () => entry);
        const changed = readManifest(new TextEncoder().encode(text));
        checkSequenceEntry(changed.sequences[0]!, ITEMS);
      }));

    it('sequence model, weights changed', () => {
      const path = manifest.sequences[0]!.weightFiles[0]!;
      return survives(byteMutations, (changes) => readModelFolder(manifest, reading(path, mutateBytes(bytesOf.get(path)!, changes)), null));
    });

    it('packed users', async () => {
      const users = { ids: ['ann', 'bob'], factors: Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)) };
      const folder = await smallFolder({ itemCount: ITEMS, users });
      const own = new Map(folder.files.map(({ path, bytes }) => [path, bytes]));
      const { idShards, shards } = folder.manifest.models[0]!.users!;
      for (const { path } of [...idShards, ...shards])
        await survives(byteMutations, (changes) =>
          readUserVector(
            folder.manifest,
            async (file) => (file.path === path ? mutateBytes(own.get(path)!, changes) : own.get(file.path)!),
            'bob',
          ),
        );
    });

    it('signature: only the very bytes that were signed pass', async () => {
      const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
      const jwk = (await crypto.subtle.exportKey('jwk', publicKey)) as Record<string, unknown>;
      const part = signedPart(manifestBytes);
      const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, part as Uint8Array<ArrayBuffer>);
      const signed = joinSignature(part, Buffer.from(signature).toString('base64'));
      const verify = (bytes: Uint8Array): Promise<void> => verifySignature(bytes, jwk, crypto.subtle as unknown as SignatureCrypto);
      await verify(signed);
      const original = Buffer.from(signed);
      await survives(byteMutations, async (changes) => {
        const changed = mutateBytes(signed, changes);
        await verify(changed);
        if (!original.equals(changed)) throw new Error('a changed manifest passed');
      });
    });
  },
);
