/** The room of delivery: all that only a change of the model's revision takes, or a signature. See modelHost.ts. */
import type { PublicKey, SignatureCrypto } from '../src/core/artifact/signature.js';
import { verifySignature } from '../src/core/artifact/signature.js';
import type { DeliveryParts } from './modelDelivery.js';
import { ModelDelivery } from './modelDelivery.js';
import type { ModelHost } from './modelHost.js';

export interface DeliveryRoom {
  readonly open: (host: ModelHost, parts: DeliveryParts) => ModelDelivery;
  /** Throws `artifact/bad-signature`. */
  readonly verify: (manifest: Uint8Array, publicKey: PublicKey) => Promise<void>;
}

export const deliveryRoom: DeliveryRoom = {
  open: (host, parts) => new ModelDelivery(host, parts),
  verify,
};

function verify(manifest: Uint8Array, publicKey: PublicKey): Promise<void> {
  return verifySignature(manifest, publicKey, crypto.subtle as unknown as SignatureCrypto);
}

export { deliveryRoom as room };
