/** Compiles gru.as.ts and writes ../gruKernel.generated.ts. `--force` compiles even when nothing changed. */
import { fileURLToPath } from 'node:url';
import { buildKernel } from '../../assembly/buildKernel.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export function buildGruKernel() {
  return buildKernel({
    entry: here('gru.as.ts'),
    target: here('../gruKernel.generated.ts'),
    constant: 'GRU_KERNEL_BASE64',
    label: 'GRU training kernel',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildGruKernel();
