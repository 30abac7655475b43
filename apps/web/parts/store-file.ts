import type { Schemas } from '#libs/client/client';
import { api, ask } from './api.ts';

/** What a refusal of the storage means to whoever chose a picture. */
export const STORAGE_WORDS: Readonly<Record<string, string>> = {
  'storage.type_not_allowed': 'Pictures are JPEG, PNG, WebP or AVIF.',
  'storage.broken_file': 'This picture cannot be read.',
  'storage.empty_file': 'This file is empty.',
  'storage.too_many_pixels': 'This picture is too large.',
  'storage.quota_exceeded': 'You have no room for more pictures. Remove some first.',
  payload_too_large: 'A picture may have 10 MB at most.',
};
export const PICTURE_TYPES = 'image/jpeg,image/png,image/webp,image/avif';

/** Stores a picture for this purpose. */
export function storeFile(file: File, purpose: NonNullable<Schemas['File']['purpose']>): Promise<Schemas['File']> {
  const form = new FormData();
  form.append('purpose', purpose);
  form.append('file', file);
  return ask(
    api.POST('/api/storage/upload', {
      params: { header: {} },
      // The document describes the form's fields; the browser writes the form.
      body: { file: file.name, purpose },
      bodySerializer: () => form,
    }),
  );
}
