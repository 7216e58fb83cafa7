/**
 * Compiles topK.as.ts to WebAssembly, plainly and with relaxed SIMD, and writes each as a base64 constant beside the kernels: one file
 * fewer to fetch, and nothing for a bundler to lose. Does nothing when those are newer than their sources (`--force` compiles all the same).
 */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('./topK.as.ts', import.meta.url));
const TARGETS = [
  { name: 'TOP_K_WASM_BASE64', file: 'topKWasm.generated.ts', features: ['simd'] },
  { name: 'TOP_K_RELAXED_BASE64', file: 'topKRelaxed.generated.ts', features: ['simd', 'relaxed-simd'] },
].map((target) => ({ ...target, file: fileURLToPath(new URL(`../${target.file}`, import.meta.url)) }));

/** Compiles if need be. Returns the sizes of the modules in bytes, or null when all were up to date. Throws what the compiler reports. */
export async function buildKernels({ force = false } = {}) {
  if (!force && (await isUpToDate())) return null;
  // Imported only when needed: the compiler takes a second to load.
  const { default: asc } = await import('assemblyscript/asc');
  const folder = await mkdtemp(join(tmpdir(), 'shelfmate-kernels-'));
  try {
    const sizes = [];
    for (const { name, file, features } of TARGETS) {
      const binary = join(folder, `${name}.wasm`);
      const enabled = features.flatMap((feature) => ['--enable', feature]);
      const memory = ['--importMemory', '--noExportMemory', '--runtime', 'stub'];
      const { error, stderr } = await asc.main([
        ...[source, '--outFile', binary, ...memory, ...enabled],
        ...['-O3', '--converge', '--noAssert', '--use', 'abort='],
      ]);
      if (error) throw new Error(`The kernel does not compile: ${error.message}\n${stderr.toString()}`);
      const bytes = await readFile(binary);
      await writeFile(
        file,
        '// Written by assembly/build.mjs from assembly/topK.as.ts. Do not edit.\n' +
          `/** The kernel as a WebAssembly module, ${bytes.length} bytes, base64. */\n` +
          `export const ${name} =\n  '${bytes.toString('base64')}';\n`,
      );
      sizes.push(bytes.length);
    }
    return sizes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isUpToDate() {
  const written = await Promise.all(TARGETS.map(({ file }) => stat(file).catch(() => null)));
  if (written.includes(null)) return false;
  const sources = await Promise.all([stat(source), stat(fileURLToPath(import.meta.url))]);
  return sources.every(({ mtimeMs }) => written.every((file) => mtimeMs < file.mtimeMs));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await buildKernels({ force: process.argv.includes('--force') });
  console.log(sizes ? `top-k kernel: ${sizes.join(' and ')} bytes of WebAssembly` : 'top-k kernel: up to date');
}
