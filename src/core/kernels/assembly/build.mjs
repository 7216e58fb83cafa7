/**
 * Compiles topK.as.ts to WebAssembly and writes ../topKWasm.generated.ts, which holds the module as a base64 constant:
 * one file fewer to fetch, and nothing for a bundler to lose. Does nothing when that file is newer than its sources
 * (`--force` compiles all the same).
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./topK.as.ts', import.meta.url));
const target = fileURLToPath(new URL('../topKWasm.generated.ts', import.meta.url));

/** Compiles if need be. Returns the module's bytes, or null when the file was up to date. Throws what the compiler reports. */
export async function buildKernels({ force = false } = {}) {
  if (!force && (await isUpToDate())) return null;
  // Imported only when needed: the compiler takes a second to load.
  const { default: asc } = await import('assemblyscript/asc');
  const folder = await mkdtemp(join(tmpdir(), 'shelfmate-kernels-'));
  try {
    const binary = join(folder, 'topK.wasm');
    const { error, stderr } = await asc.main(
      [source, '--outFile', binary, '--runtime', 'stub', '--enable', 'simd', '--importMemory', '--noExportMemory'].concat([
        '-O3',
        '--converge',
        '--noAssert',
        '--use',
        'abort=',
      ]),
    );
    if (error) throw new Error(`The kernel does not compile: ${error.message}\n${stderr.toString()}`);
    const bytes = await readFile(binary);
    await writeFile(
      target,
      '// Written by assembly/build.mjs from assembly/topK.as.ts. Do not edit.\n' +
        `/** The kernel as a WebAssembly module, ${bytes.length} bytes, base64. */\n` +
        `export const TOP_K_WASM_BASE64 =\n  '${bytes.toString('base64')}';\n`,
    );
    return bytes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isUpToDate() {
  const written = await stat(target).catch(() => null);
  if (!written) return false;
  const sources = await Promise.all([stat(source), stat(fileURLToPath(import.meta.url))]);
  return sources.every((file) => file.mtimeMs < written.mtimeMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await buildKernels({ force: process.argv.includes('--force') });
  console.log(bytes ? `top-k kernel: ${bytes.length} bytes of WebAssembly` : 'top-k kernel: up to date');
}
