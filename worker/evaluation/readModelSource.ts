import type { LoadedModel, ReadFile } from '../../src/core/artifact/readModelFolder.js';
import { readModelFolder, verifyFile } from '../../src/core/artifact/readModelFolder.js';
import { readManifest } from '../../src/core/artifact/validateManifest.js';
import { RecommenderError } from '../../src/core/errors.js';
import type { ModelSource } from '../../src/core/evaluation/evaluationProtocol.js';
import { wasmScratchBytes } from '../../src/core/kernels/topK.wasm.js';
import type { ModelStoreOptions } from '../modelStore.js';
import { ModelStore, fetchManifest, sha256 } from '../modelStore.js';

/** Told the share of the folder read, 0 to 1, and the file in hand. */
type OnFile = (done: number, file: string) => void;

/** A folder's model, and what reads the files of its tables. */
export interface OpenFolder {
  readonly model: LoadedModel;
  readonly read: ReadFile;
}

/** Reads a model folder from its address or from dropped files, checking every file as a shop's page would. Nothing is cached. */
export async function readModelSource(source: ModelSource, onFile: OnFile): Promise<OpenFolder> {
  const scratchBytes = typeof WebAssembly === 'undefined' ? null : wasmScratchBytes;
  if ('url' in source) {
    const options: ModelStoreOptions = {
      modelUrl: source.url,
      database: null,
      fetch: (input, init) => fetch(input, init),
      nowMs: () => Date.now(),
      onProgress: ({ loadedBytes, totalBytes, file }) => onFile(totalBytes > 0 ? loadedBytes / totalBytes : 0, file),
    };
    const store = new ModelStore(options, await fetchManifest(options));
    const read: ReadFile = (entry) => store.read(entry);
    return { model: await readModelFolder(store.manifest, read, scratchBytes), read };
  }
  const files = relativeFiles(source);
  const manifest = readManifest(await readBytes(files.get('manifest.json')!, 'manifest.json'));
  let readFiles = 0;
  const read: ReadFile = async (entry) => {
    const blob = files.get(entry.path);
    if (!blob) {
      throw new RecommenderError(
        'model/not-found',
        `${entry.path} is named by manifest.json, but was not among the ${files.size} files. Choose the whole model folder.`,
        { file: entry.path },
      );
    }
    onFile(readFiles++ / manifest.files.length, entry.path);
    const bytes = await readBytes(blob, entry.path);
    await verifyFile(entry, bytes, sha256);
    return bytes;
  };
  return { model: await readModelFolder(manifest, read, scratchBytes), read };
}

/** The files by their paths below the folder that holds manifest.json. Throws `model/not-found` unless there is one such folder. */
function relativeFiles({ files }: Extract<ModelSource, { files: unknown }>): Map<string, Blob> {
  const roots = files.flatMap(({ path }) => (/(^|\/)manifest\.json$/.test(path) ? [path.slice(0, -'manifest.json'.length)] : []));
  const root = roots.sort((a, b) => a.length - b.length)[0];
  if (root === undefined) {
    const seen = files.slice(0, 5).map(({ path }) => path);
    throw new RecommenderError(
      'model/not-found',
      `There is no manifest.json among the ${files.length} files (${seen.join(', ')}${files.length > seen.length ? ', ...' : ''}). Choose the folder that shelfmate train or pack wrote.`,
      { seen },
    );
  }
  if (roots.filter(({ length }) => length === root.length).length > 1) {
    throw new RecommenderError(
      'model/not-found',
      `There are ${roots.length} model folders here (${roots.join(', ')}). Choose one of them.`,
      {
        seen: roots,
      },
    );
  }
  return new Map(files.flatMap(({ path, blob }) => (path.startsWith(root) ? [[path.slice(root.length), blob]] : [])));
}

async function readBytes(blob: Blob, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw new RecommenderError(
      'model/unreachable',
      `${path} cannot be read: it was changed or moved since it was chosen. Choose it again.`,
      { path },
      cause,
    );
  }
}
