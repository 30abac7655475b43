import type { Schemas } from '#libs/client/client';

/** Addresses of pictures that were stored from this page, so that they are shown before their message is there. */
const addresses = new Map<string, string>();

export function keepShown({ id, variants, url }: Schemas['File']): void {
  addresses.set(id, variants.find(({ preset }) => preset === 'card')?.url ?? url);
}

export const shownHere = (fileId: string): string | undefined => addresses.get(fileId);
