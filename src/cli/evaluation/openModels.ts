import type { LoadedModel } from '../../core/artifact/readModelFolder.js';
import { readModelFolder, verifyFile } from '../../core/artifact/readModelFolder.js';
import { readManifest } from '../../core/artifact/validateManifest.js';
import { wasmScratchBytes } from '../../core/kernels/topK.wasm.js';
import type { CliIo } from '../cliIo.js';
import { openFolder } from '../folder/folderSource.js';
import { sha256 } from '../folder/modelDirectory.js';
import { fastestBackend } from './evaluateModel.js';

/** Reads a model folder, on disk or published, checking every file as a page would. */
export async function openModel(name: string, io: CliIo): Promise<LoadedModel> {
  const source = await openFolder(name, io);
  const manifest = readManifest(await source.read('manifest.json'));
  const read = async (entry: (typeof manifest.files)[number]): Promise<Uint8Array> => {
    const bytes = await source.read(entry.path);
    await verifyFile(entry, bytes, sha256);
    return bytes;
  };
  return readModelFolder(manifest, read, fastestBackend().name === 'wasm' ? wasmScratchBytes : null);
}
