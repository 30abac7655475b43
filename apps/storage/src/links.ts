import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Preset } from '#libs/contracts/storage/views';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { InjectSettings } from '#libs/runtime/core.module';
import { publicUrl, type Settings } from '#libs/runtime/settings';
import { type StorageEnv, storageEnv } from './storage.env.ts';

/** What a link opens: a file in one of its presets, or a part of an upload. */
interface Claim {
  readonly id: string;
  readonly preset?: string | undefined;
  readonly download?: string | undefined;
  /** Seconds since 1970. */
  readonly expires: string;
}

export interface PartClaim {
  readonly id: string;
  readonly number: number;
  readonly size: number;
  readonly mime: string;
}

export interface SignedLink {
  readonly url: string;
  readonly expiresAt: Date;
}

type Query = Readonly<Record<string, string | undefined>>;
const PART_KEYS: ReadonlySet<string> = new Set(['expires', 'key', 'signature']);

/** Addresses of files, and signatures over those that need one. The first key signs, each opens. */
@Injectable()
export class Links {
  private readonly keys: readonly { readonly id: string; readonly secret: string }[];
  private readonly base: string;

  constructor(@InjectEnvironment(storageEnv) env: StorageEnv, @InjectSettings() values: Settings) {
    this.keys = env.STORAGE_LINK_KEYS.split(',').map((key) => {
      const colon = key.indexOf(':');
      return { id: key.slice(0, colon), secret: key.slice(colon + 1) };
    });
    this.base = `${publicUrl(values)}/api/storage`;
  }

  /** Good for ever, as far as the file is public. */
  fixed(id: string, preset?: Preset): string {
    return `${this.base}/${id}/content${preset === undefined ? '' : `?preset=${preset}`}`;
  }

  /** Good for so long at least: a short link must not be past at once. */
  signed(id: string, seconds: number, { preset, download = false }: { preset?: Preset; download?: boolean } = {}): SignedLink {
    const expiresAt = new Date(Math.ceil(Date.now() / 1_000 + seconds) * 1_000);
    const claim: Claim = { id, preset, ...(download ? { download: '1' } : {}), expires: secondsOf(expiresAt) };
    const query = new URLSearchParams();
    if (preset !== undefined) query.set('preset', preset);
    if (download) query.set('download', '1');
    return { url: `${this.base}/${id}/content?${this.withSignature(query, claim.expires, contentText(claim))}`, expiresAt };
  }

  /** Whether a link is one of ours, unaltered and not past. */
  opens(id: string, { preset, download, expires, key, signature }: Query): boolean {
    return expires !== undefined && this.isGood(contentText({ id, preset, download, expires }), expires, key, signature);
  }

  part(claim: PartClaim, expiresAt: Date): string {
    const expires = secondsOf(expiresAt);
    const query = this.withSignature(new URLSearchParams(), expires, partText(claim, expires));
    return `${this.base}/uploads/${claim.id}/parts/${claim.number}?${query}`;
  }

  opensPart(claim: PartClaim, query: Query): boolean {
    const { expires, key, signature } = query;
    if (expires === undefined || !Object.keys(query).every((name) => PART_KEYS.has(name))) return false;
    return this.isGood(partText(claim, expires), expires, key, signature);
  }

  private withSignature(query: URLSearchParams, expires: string, text: string): URLSearchParams {
    const [first] = this.keys;
    if (first === undefined) throw new Error('STORAGE_LINK_KEYS has no key');
    query.set('expires', expires);
    query.set('key', first.id);
    query.set('signature', macOf(first.secret, text).toString('base64url'));
    return query;
  }

  private isGood(text: string, expires: string, key: string | undefined, signature: string | undefined): boolean {
    const secret = this.keys.find(({ id }) => id === key)?.secret;
    if (secret === undefined || signature === undefined || !/^\d{1,12}$/.test(expires)) return false;
    const given = Buffer.from(signature, 'base64url');
    const wanted = macOf(secret, text);
    const isOurs = given.length === wanted.length && timingSafeEqual(given, wanted) && given.toString('base64url') === signature;
    return isOurs && Number(expires) * 1_000 > Date.now();
  }
}

const secondsOf = (moment: Date): string => String(Math.floor(moment.getTime() / 1_000));
const macOf = (secret: string, text: string): Buffer => createHmac('sha256', secret).update(text).digest();
/** As JSON, where no part can pass for another. */
const contentText = ({ id, preset, download, expires }: Claim): string =>
  JSON.stringify(['content', id, preset ?? null, download ?? null, expires]);
const partText = ({ id, number, size, mime }: PartClaim, expires: string): string =>
  JSON.stringify(['part', id, number, size, mime, expires]);
