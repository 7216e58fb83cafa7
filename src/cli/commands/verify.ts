import { webcrypto } from 'node:crypto';
import type { Command } from 'commander';
import type { Manifest } from '../../core/artifact/manifest.js';
import type { ReadFile } from '../../core/artifact/readModelFolder.js';
import { readModelFolder, verifyFile } from '../../core/artifact/readModelFolder.js';
import { readContent, readContentTerms, readFactorMap } from '../../core/artifact/tables/contentTable.js';
import { readNeighbors } from '../../core/artifact/tables/neighborTable.js';
import { readPrototypes } from '../../core/artifact/tables/prototypeTable.js';
import type { SignatureCrypto } from '../../core/artifact/signature.js';
import { verifySignature } from '../../core/artifact/signature.js';
import { readTables } from '../../core/artifact/tables/readTables.js';
import { tablePaths } from '../../core/artifact/tables/tableEntries.js';
import { readTrends } from '../../core/artifact/tables/trendTable.js';
import { readManifest } from '../../core/artifact/validateManifest.js';
import { createCpuBackend } from '../../core/kernels/topK.cpu.js';
import { createWasmBackend } from '../../core/kernels/topK.wasm.js';
import type { CliIo } from '../cliIo.js';
import { badInput } from '../cliIo.js';
import { sha256 } from '../folder/modelDirectory.js';
import { openFolder } from '../folder/folderSource.js';
import { headerWarnings } from '../folder/publishedHeaders.js';
import { readPublicKey } from '../folder/keys.js';
import { runFolderSelfTests } from '../folder/selfTests.js';
import { openNetwork } from '../sequences/openNetwork.js';
import { formatBytes, painter, plural } from '../terminal.js';

export interface VerifyOptions {
  readonly publicKey?: string;
}

/** Adds `shelfmate verify`. */
export function addVerifyCommand(program: Command, io: CliIo): void {
  program
    .command('verify')
    .summary('check every file of a model folder, on disk or published')
    .description('Checks a model folder as a page would: every file is there, whole and unchanged, decodes, and gives the known answers.')
    .argument('<folder>', 'a folder, or the http(s) address where it is published')
    .option('--public-key <key>', 'fail unless it was signed with this key: the line that shelfmate sign printed, or a file that holds it')
    .addHelpText('after', '\nExample:\n  shelfmate verify public/model\n  shelfmate verify https://shop.example/model/')
    .action((folder: string, options: VerifyOptions) => verify(folder, options, io));
}

/** Runs `shelfmate verify`. Throws `cli/bad-input` after the last check when any failed. */
export async function verify(name: string, { publicKey }: VerifyOptions, io: CliIo): Promise<void> {
  const source = await openFolder(name, io);
  const paint = painter(io, io.stdout);
  let failures = 0;
  const check = async <T>(what: string, run: () => Promise<T>, detail: (value: T) => string): Promise<T | null> => {
    try {
      const value = await run();
      io.stdout.write(`${paint('green', 'ok    ')}  ${what}  ${paint('dim', detail(value))}\n`);
      return value;
    } catch (error) {
      failures++;
      io.stdout.write(`${paint('red', 'failed')}  ${what}  ${error instanceof Error ? error.message : String(error)}\n`);
      return null;
    }
  };
  const manifest = await check(
    'manifest.json',
    async () => readManifest(await source.read('manifest.json')),
    (read) => `${read.name}, revision ${read.revision}, ${plural(read.itemCount, 'item')}`,
  );
  if (publicKey !== undefined) {
    await check(
      'signature',
      async () => verifySignature(await source.read('manifest.json'), readPublicKey(publicKey), webcrypto.subtle as SignatureCrypto),
      () => 'of the key given',
    );
  }
  if (manifest) {
    const files = await checkFiles(manifest, source.read, check);
    if (files) await checkModel(manifest, files, check);
  }
  for (const warning of source.isRemote ? headerWarnings(source.headers) : [])
    io.stdout.write(`${paint('yellow', 'warning')} ${warning}\n`);
  if (failures > 0)
    throw badInput(
      `${name}: ${plural(failures, 'check')} failed. ${source.isRemote ? 'Upload the folder again' : 'Make the folder again with shelfmate train or shelfmate pack'}.`,
      { failures },
    );
  io.stdout.write(paint('green', `${name} is sound.`) + '\n');
}

type Check = <T>(what: string, run: () => Promise<T>, detail: (value: T) => string) => Promise<T | null>;

async function checkFiles(
  manifest: Manifest,
  read: (file: string) => Promise<Uint8Array>,
  check: Check,
): Promise<Map<string, Uint8Array> | null> {
  const files = new Map<string, Uint8Array>();
  for (const entry of manifest.files) {
    const bytes = await check(
      entry.path,
      async () => {
        const seen = await read(entry.path);
        await verifyFile(entry, seen, sha256);
        return seen;
      },
      (seen) => `${formatBytes(seen.length)}, SHA-256 ${entry.sha256.slice(0, 12)}…`,
    );
    if (bytes) files.set(entry.path, bytes);
  }
  return files.size === manifest.files.length ? files : null;
}

async function checkModel(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>, check: Check): Promise<void> {
  const model = await check(
    'decodes',
    () => readModelFolder(manifest, async (entry) => files.get(entry.path)!, null, openNetwork),
    ({ catalog, factors }) =>
      `${plural(catalog.itemCount, 'item')}, ${plural(catalog.fields.length, 'field')}, ${factors.matrix.dimensions} factors` +
      (catalog.unsafeUrls > 0 ? `; ${plural(catalog.unsafeUrls, 'unsafe URL')} left out` : ''),
  );
  if (!model) return;
  await checkTables(manifest, async (entry) => files.get(entry.path)!, check);
  await check(
    'self-tests on cpu',
    () => runFolderSelfTests(model, createCpuBackend),
    (count) => plural(count, 'known answer'),
  );
  await check(
    'self-tests on wasm',
    () => runFolderSelfTests(model, createWasmBackend),
    (count) => plural(count, 'known answer'),
  );
}

async function checkTables(manifest: Manifest, read: ReadFile, check: Check): Promise<void> {
  const tables = await check(
    'tables',
    async () => readTables(manifest),
    (listed) => plural(tablePaths(listed).length, 'file'),
  );
  if (!tables) return;
  for (const entry of tables.neighbors)
    await check(
      `table ${entry.name}`,
      () => readNeighbors(manifest, entry, read),
      ({ columns }) => plural(columns.length, 'neighbour'),
    );
  const { trends, content, prototypes } = tables;
  if (trends)
    await check(
      'table trends',
      () => readTrends(manifest, trends, read),
      ({ recentCounts }) => plural(recentCounts.filter((count) => count > 0).length, 'item') + ' of late',
    );
  if (content)
    await check(
      'table content',
      async () => [
        await readContent(manifest, content, read),
        await readContentTerms(manifest, content, read),
        await readFactorMap(manifest, content, read),
      ],
      () => plural(content.terms.count, 'term'),
    );
  if (prototypes)
    await check(
      'table prototypes',
      () => readPrototypes(manifest, prototypes, read),
      ({ userCounts }) => `${plural(userCounts.length, 'group')} of at least ${prototypes.minUsers} users`,
    );
}
