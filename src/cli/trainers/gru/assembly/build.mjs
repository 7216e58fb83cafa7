/**
 * Compiles gru.as.ts to WebAssembly and writes ../gruKernel.generated.ts, which holds the module as a base64 constant.
 * Does nothing when that file is newer than its sources (`--force` compiles all the same).
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../gruKernel.generated.ts', import.meta.url));

/** Compiles if need be. Returns the module's bytes, or null when the file was up to date. Throws what the compiler reports. */
export async function buildGruKernel({ force = false } = {}) {
  if (!force && (await isUpToDate())) return null;
  // Imported only when needed: the compiler takes a second to load.
  const { default: asc } = await import('assemblyscript/asc');
  const outFolder = await mkdtemp(join(tmpdir(), 'shelfmate-gru-'));
  try {
    const binary = join(outFolder, 'gru.wasm');
    const { error, stderr } = await asc.main(
      [join(folder, 'gru.as.ts'), '--outFile', binary, '--runtime', 'stub', '--enable', 'simd', '--enable', 'threads'].concat([
        ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
        // The tables of the logarithm lie between the words of layout.as.ts and its arrays, which begin at 65,536.
        ...['--memoryBase', '4096'],
        ...['-O3', '--converge', '--noAssert', '--use', 'abort='],
      ]),
    );
    if (error) throw new Error(`The kernel does not compile: ${error.message}\n${stderr.toString()}`);
    const bytes = await readFile(binary);
    await writeFile(
      target,
      '// Written by assembly/build.mjs from assembly/gru.as.ts. Do not edit.\n' +
        `/** The kernel as a WebAssembly module, ${bytes.length} bytes, base64. */\n` +
        `export const GRU_KERNEL_BASE64 =\n  '${bytes.toString('base64')}';\n`,
    );
    return bytes;
  } finally {
    await rm(outFolder, { recursive: true, force: true });
  }
}

async function isUpToDate() {
  const written = await stat(target).catch(() => null);
  if (!written) return false;
  const names = await readdir(folder);
  const sources = await Promise.all(names.map((name) => stat(join(folder, name))));
  return sources.every((file) => file.mtimeMs < written.mtimeMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await buildGruKernel({ force: process.argv.includes('--force') });
  console.log(bytes ? `GRU training kernel: ${bytes.length} bytes of WebAssembly` : 'GRU training kernel: up to date');
}
