/** Compiles als.as.ts and writes ../alsKernel.generated.ts. `--force` compiles even when nothing changed. */
import { fileURLToPath } from 'node:url';
import { buildKernel } from '../../assembly/buildKernel.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export function buildAlsKernel() {
  return buildKernel({
    entry: here('als.as.ts'),
    target: here('../alsKernel.generated.ts'),
    constant: 'ALS_KERNEL_BASE64',
    label: 'ALS training kernel',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAlsKernel();
