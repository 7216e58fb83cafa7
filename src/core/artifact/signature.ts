/**
 * The signature of a model folder: ECDSA on P-256 with SHA-256 over the bytes of manifest.json without it. It stands in the manifest's
 * last line but one, always of the same length, so that nothing has to be parsed, or written anew, to tell what was signed. The other
 * files are covered by their SHA-256 in the manifest.
 */
import { RecommenderError } from '../errors.js';

/** A public key of the shop: a JWK, or SubjectPublicKeyInfo in base64 (the lines of a PEM file do). */
export type PublicKey = string | Readonly<Record<string, unknown>>;

/** The part of WebCrypto that checking takes. */
export interface SignatureCrypto {
  importKey(format: 'jwk' | 'spki', key: unknown, algorithm: typeof KEY, isExtractable: false, uses: ['verify']): Promise<unknown>;
  verify(algorithm: typeof ALGORITHM, key: unknown, signature: Uint8Array, bytes: Uint8Array): Promise<boolean>;
}

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const;
/** r and s, 32 bytes each (IEEE P1363). */
export const SIGNATURE_BYTES = 64;
const BEFORE = ',\n "signature": "';
const AFTER = '"\n}\n';
const BASE64_LENGTH = 4 * Math.ceil(SIGNATURE_BYTES / 3);
const TAIL_LENGTH = BEFORE.length + BASE64_LENGTH + AFTER.length;
const TAIL = new RegExp(`^${BEFORE}([A-Za-z0-9+/]{86}==)${AFTER}$`);
const UNSIGNED_END = '\n}\n';

/** Takes a manifest apart. Every byte but the signature's line is signed; `signature` is null where there is none. */
export function splitSignature(manifest: Uint8Array): { readonly signed: Uint8Array; readonly signature: Uint8Array | null } {
  const start = manifest.length - TAIL_LENGTH;
  const base64 = TAIL.exec(String.fromCharCode(...manifest.subarray(Math.max(0, start))))?.[1];
  if (base64 === undefined) return { signed: manifest, signature: null };
  return { signed: manifest.subarray(0, start), signature: fromBase64(base64) };
}

/** What is to be signed: the manifest up to its last bracket. Throws `artifact/bad-manifest` when it does not end as one that Shelfmate wrote. */
export function signedPart(manifest: Uint8Array): Uint8Array {
  const { signed, signature } = splitSignature(manifest);
  if (signature) return signed;
  const end = manifest.length - UNSIGNED_END.length;
  if (String.fromCharCode(...manifest.subarray(Math.max(0, end))) !== UNSIGNED_END) {
    throw new RecommenderError(
      'artifact/bad-manifest',
      'manifest.json: it does not end in a line with a bracket, so it was written or changed by another program. Pack the model again.',
      { file: 'manifest.json' },
    );
  }
  return manifest.subarray(0, end);
}

/** Puts a signature of {@link signedPart} under it. */
export function joinSignature(signed: Uint8Array, signatureBase64: string): Uint8Array<ArrayBuffer> {
  const tail = new TextEncoder().encode(BEFORE + signatureBase64 + AFTER);
  const manifest = new Uint8Array(signed.length + tail.length);
  manifest.set(signed);
  manifest.set(tail, signed.length);
  return manifest;
}

/** Throws `artifact/bad-signature` unless the owner of the key signed these very bytes, `input/invalid` for a key that is none. */
export async function verifySignature(manifest: Uint8Array, publicKey: PublicKey, subtle: SignatureCrypto): Promise<void> {
  let key: unknown;
  try {
    key = await (typeof publicKey === 'string'
      ? subtle.importKey('spki', fromBase64(publicKey.replace(/-----[A-Z ]+-----|\s/g, '')), KEY, false, ['verify'])
      : subtle.importKey('jwk', publicKey, KEY, false, ['verify']));
  } catch (cause) {
    throw new RecommenderError(
      'input/invalid',
      'publicKey is no public key of ECDSA on P-256. Use the line that shelfmate sign printed, or a JWK.',
      {},
      cause,
    );
  }
  const { signed, signature } = splitSignature(manifest);
  if (signature && (await subtle.verify(ALGORITHM, key, signature, signed))) return;
  throw new RecommenderError(
    'artifact/bad-signature',
    signature
      ? 'manifest.json: the signature is not that of the key given. The folder was changed after signing, or signed with another key.'
      : 'manifest.json: the folder is not signed, but a publicKey was given. Sign it with shelfmate sign.',
    { isSigned: signature !== null },
  );
}

function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
}
