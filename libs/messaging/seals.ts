import { createHmac, hash, timingSafeEqual } from 'node:crypto';

const KEY_ID_BYTES = 4;
const MAC_BYTES = 32;
/** What a signature takes before the content it vouches for. */
export const SIGNATURE_BYTES = KEY_ID_BYTES + MAC_BYTES;

/** BUS_SECRET signs; BUS_SECRET_PREVIOUS is still believed, so that processes can be given a new secret one after the other. */
export interface BusSecrets {
  readonly present: string;
  readonly previous?: string | undefined;
}

interface Key {
  /** Says which secret signed, and nothing about it. */
  readonly id: Buffer;
  readonly secret: string;
}

/** Signs with the bus secret what passes through Redis, so that whoever reaches Redis without it is not believed. */
export class Seals {
  private readonly present: Key;
  private readonly keys: readonly Key[];

  constructor({ present, previous }: BusSecrets) {
    this.present = keyOf(present);
    this.keys = previous === undefined ? [this.present] : [this.present, keyOf(previous)];
  }

  /** Key id and MAC. */
  sign(content: Uint8Array): Buffer {
    return Buffer.concat([this.present.id, macOf(this.present, content)]);
  }

  vouchesFor(signature: Uint8Array, content: Uint8Array): boolean {
    const key = this.keys.find(({ id }) => id.equals(signature.subarray(0, KEY_ID_BYTES)));
    return key !== undefined && timingSafeEqual(signature.subarray(KEY_ID_BYTES), macOf(key, content));
  }

  /** A text to be kept at `place`, such as a Redis key: moved elsewhere it is not believed. */
  seal(place: string, content: string): string {
    return `${this.sign(bytesOf(place, content)).toString('base64url')}.${content}`;
  }

  /** Undefined for whatever was not sealed here, for this place. */
  open(place: string, sealed: string | null | undefined): string | undefined {
    const end = sealed?.indexOf('.') ?? -1;
    if (typeof sealed !== 'string' || end < 0) return undefined;
    const signature = Buffer.from(sealed.slice(0, end), 'base64url');
    const content = sealed.slice(end + 1);
    return signature.length === SIGNATURE_BYTES && this.vouchesFor(signature, bytesOf(place, content)) ? content : undefined;
  }
}

const keyOf = (secret: string): Key => ({ id: hash('sha256', `key id\n${secret}`, 'buffer').subarray(0, KEY_ID_BYTES), secret });
const macOf = ({ secret }: Key, content: Uint8Array): Buffer => createHmac('sha256', secret).update(content).digest();
/** The length keeps a part of the place from passing for content, and a kept text from passing for a message. */
const bytesOf = (place: string, content: string): Buffer => Buffer.from(`kept\n${Buffer.byteLength(place)}\n${place}\n${content}`);
