import { buildAlsKernel } from '../src/cli/trainers/als/assembly/build.mjs';
import { buildGruKernel } from '../src/cli/trainers/gru/assembly/build.mjs';
import { buildKernels } from '../src/core/kernels/assembly/build.mjs';

/** The WebAssembly kernels are not in the repository; the tests compile them when they are missing or old. */
export default async function setup() {
  await buildKernels();
  await buildGruKernel();
  await buildAlsKernel();
}
