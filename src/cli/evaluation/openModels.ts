import type { LoadedModel, ReadFile } from '../../core/artifact/readModelFolder.js';
import { readModelFolder, verifyFile } from '../../core/artifact/readModelFolder.js';
import { readManifest } from '../../core/artifact/validateManifest.js';
import { wasmScratchBytes } from '../../core/kernels/topK.wasm.js';
import type { CliIo } from '../cliIo.js';
import { openFolder } from '../folder/folderSource.js';
import { sha256 } from '../folder/modelDirectory.js';
import { openNetwork } from '../sequences/openNetwork.js';
import { fastestBackend } from './evaluateModel.js';

/** A folder's model, and what reads the files of its tables. */
export interface OpenedModel {
  readonly model: LoadedModel;
  readonly read: ReadFile;
}

/** Reads a model folder, on disk or published, checking every file as a page would. */
export async function openModel(name: string, io: CliIo): Promise<LoadedModel> {
  return (await openModelFiles(name, io)).model;
}

/** As {@link openModel}; its tables are not read yet. */
export async function openModelFiles(name: string, io: CliIo): Promise<OpenedModel> {
  const source = await openFolder(name, io);
  const manifest = readManifest(await source.read('manifest.json'));
  const read: ReadFile = async (entry) => {
    const bytes = await source.read(entry.path);
    await verifyFile(entry, bytes, sha256);
    return bytes;
  };
  return { model: await readModelFolder(manifest, read, fastestBackend().name === 'wasm' ? wasmScratchBytes : null, openNetwork), read };
}
