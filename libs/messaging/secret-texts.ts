import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import type { BusSecrets } from './seals.ts';

const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  /** Says which secret closed a text, and nothing about it. */
  readonly id: Buffer;
  readonly key: Buffer;
}

/**
 * Closes texts that one service hands to another through a database, such as a sign-in code on its way to the phone, by a key that follows
 * from the bus secret (AES-256-GCM). A text closed for one place does not open at another.
 */
export class SecretTexts {
  private readonly present: Key;
  private readonly keys: readonly Key[];

  constructor({ present, previous }: BusSecrets) {
    this.present = keyOf(present);
    this.keys = previous === undefined ? [this.present] : [this.present, keyOf(previous)];
  }

  close(place: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.present.key, nonce).setAAD(Buffer.from(place));
    const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([this.present.id, nonce, cipher.getAuthTag(), content]).toString('base64url');
  }

  /** Undefined for what was not closed here, or for another place. */
  open(place: string, closed: string): string | undefined {
    const bytes = Buffer.from(closed, 'base64url');
    const key = this.keys.find(({ id }) => id.equals(bytes.subarray(0, KEY_ID_BYTES)));
    const content = bytes.subarray(KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES);
    const nonce = bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES);
    const tag = bytes.subarray(KEY_ID_BYTES + NONCE_BYTES, KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES);
    if (key === undefined || tag.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key.key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(content), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}

const keyOf = (secret: string): Key => ({
  id: hash('sha256', `text key id\n${secret}`, 'buffer').subarray(0, KEY_ID_BYTES),
  key: Buffer.from(hkdfSync('sha256', secret, '', 'only2u secret texts', 32)),
});
