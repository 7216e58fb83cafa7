import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { badInput } from '../cliIo.js';

/** Makes a key pair for signing folders, writes the private key as PEM for its owner's eyes only, and returns the public one. */
export function writeNewKey(path: string): string {
  if (existsSync(path)) throw badInput(`${path} is there already; a key that is overwritten is lost. Name another file.`, { path });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  return publicKeyOf(privateKey);
}

/** Reads a private key on P-256 from a PEM file. Throws `cli/bad-input`. */
export function readPrivateKey(path: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw badInput(`${path} is no private key that can be read. Make one with shelfmate sign --new-key ${path}.`, { path }, cause);
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw badInput(`${path} holds a key of another kind; ECDSA on P-256 is needed. Make one with shelfmate sign --new-key.`, { path });
  return key;
}

/** The public key as a page takes it: SubjectPublicKeyInfo in base64, one line. */
export function publicKeyOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
}

/** Signs as WebCrypto checks: ECDSA with SHA-256, r and s side by side. Base64. */
export function signBytes(bytes: Uint8Array, key: KeyObject): string {
  return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64');
}

/** The key itself, or the text of the file that holds it. */
export function readPublicKey(keyOrPath: string): string {
  return existsSync(keyOrPath) ? readFileSync(keyOrPath, 'utf8').trim() : keyOrPath;
}
