import { buildKernels } from '../src/core/kernels/assembly/build.mjs';

/** The WebAssembly kernel is not in the repository; the tests compile it when it is missing or old. */
export default async function setup() {
  await buildKernels();
}
