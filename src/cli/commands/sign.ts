import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { joinSignature, signedPart, splitSignature } from '../../core/artifact/signature.js';
import { readManifest } from '../../core/artifact/validateManifest.js';
import type { CliIo } from '../cliIo.js';
import { badInput, badUsage } from '../cliIo.js';
import { publicKeyOf, readPrivateKey, signBytes, writeNewKey } from '../folder/keys.js';
import { painter } from '../terminal.js';
import { fraction } from './options.js';

export interface SignOptions {
  readonly key?: string;
  readonly newKey?: string;
  readonly rollout?: number;
  readonly rollback?: boolean;
}

/** Adds `shelfmate sign`. */
export function addSignCommand(program: Command, io: CliIo): void {
  program
    .command('sign')
    .summary('sign a model folder, and say who takes it')
    .description(
      'Signs a model folder (ECDSA on P-256), so that pages which were given the public key take no other. With --rollout or --rollback it also says which devices take it; that works without a key, too.',
    )
    .argument('[folder]', 'a model folder on disk')
    .option('--key <file>', 'the private key, PEM')
    .option('--new-key <file>', 'make a private key, write it to a file, print the public one')
    .option(
      '--rollout <share>',
      'only so large a share of devices takes this folder in place of the one it has, 0 to 1',
      fraction('--rollout'),
    )
    .option('--rollback', 'let devices go back to this folder from a later one')
    .addHelpText(
      'after',
      '\nExample:\n  shelfmate sign --new-key private.pem\n  shelfmate sign public/model --key private.pem\n  shelfmate sign public/model --key private.pem --rollout 0.05',
    )
    .action((folder: string | undefined, options: SignOptions) => signFolder(folder, options, io));
}

/** Runs `shelfmate sign`. Throws `cli/bad-input` when folder or key cannot be read. */
export async function signFolder(folder: string | undefined, options: SignOptions, io: CliIo): Promise<void> {
  const paint = painter(io, io.stdout);
  if (options.newKey !== undefined) {
    if (folder !== undefined || options.key !== undefined) throw badUsage('--new-key only makes a key; sign with --key afterwards.');
    const publicKey = writeNewKey(options.newKey);
    io.stdout.write(`${options.newKey} holds the private key: keep it off the web server and out of the repository.\n`);
    io.stdout.write(
      `The public key, for createRecommender({ publicKey }) and shelfmate verify --public-key:\n${paint('bold', publicKey)}\n`,
    );
    return;
  }
  if (folder === undefined) throw badUsage('Name the model folder to sign, or --new-key.');
  if (options.key === undefined && options.rollout === undefined && options.rollback === undefined)
    throw badUsage('Name the private key with --key. shelfmate sign --new-key private.pem makes one.');
  const key = options.key === undefined ? null : readPrivateKey(options.key);
  const path = join(folder, 'manifest.json');
  const before = await readFile(path).catch((cause: unknown) => {
    throw badInput(`${path} cannot be read. Name a model folder on disk; shelfmate train or shelfmate pack make one.`, { path }, cause);
  });
  const { revision } = readManifest(before, path);
  if (!key && splitSignature(before).signature) throw badUsage('The folder is signed: name the key with --key, so that it is signed anew.');
  const unsigned = withRules(before, revision, options);
  let bytes = unsigned;
  if (key) {
    const signed = signedPart(unsigned);
    bytes = joinSignature(signed, signBytes(signed, key));
  }
  readManifest(bytes, path);
  // In one step: a web server never sends half of it.
  await writeFile(`${path}.new`, bytes);
  await rename(`${path}.new`, path);
  io.stdout.write(
    `${folder}, revision ${revision}, ${key ? `is signed. Public key:\n${publicKeyOf(key)}` : 'is changed, and not signed.'}\n`,
  );
}

/** The manifest with who takes it, written as writeModelFolder writes; as it is when nothing is asked. */
function withRules(manifest: Uint8Array, revision: string, { rollout, rollback }: SignOptions): Uint8Array {
  if (rollout === undefined && !rollback) return manifest;
  const { signature: _, ...fields } = JSON.parse(new TextDecoder().decode(manifest)) as Record<string, unknown>;
  const changed = { ...fields, ...(rollout !== undefined && { rollout }), ...(rollback && { rollbackTo: revision }) };
  return new TextEncoder().encode(`${JSON.stringify(changed, null, 1)}\n`);
}
