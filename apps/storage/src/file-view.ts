import { Injectable } from '@nestjs/common';
import { type File, type FileType, IMAGE_TYPES, PRESETS } from '#libs/contracts/storage/views';
import type { FileRow } from './file.repository.ts';
import { Links } from './links.ts';
import { fitOf } from './picture/presets.ts';

/** How long a link in an answer is good. */
const LINK_SECONDS = 300;

export const isImage = (mime: FileType): boolean => IMAGE_TYPES.some((type) => type === mime);

@Injectable()
export class FileViews {
  constructor(private readonly links: Links) {}

  /** As its owner sees it, or as others see one that they may see. */
  of(row: FileRow, { isOwner }: { readonly isOwner: boolean }): File {
    const { id, width, height, color, blurhash } = row;
    // The fixed address of a hidden one answers nobody.
    const isPublic = row.visibility === 'public' && !row.is_hidden;
    const link = isPublic ? undefined : this.links.signed(id, LINK_SECONDS);
    return {
      id,
      ...(isOwner ? { userId: row.user_id, name: row.name, folder: row.folder, purpose: row.purpose } : {}),
      ...{ mime: row.mime, size: row.size, hash: row.hash, visibility: row.visibility },
      ...(width !== null && height !== null ? { width, height } : {}),
      ...(color !== null && blurhash !== null ? { placeholder: { color, blurhash } } : {}),
      ...{ url: link?.url ?? this.links.fixed(id), urlExpiresAt: link?.expiresAt.toISOString() ?? null },
      variants:
        width === null || height === null
          ? []
          : PRESETS.map((preset) => ({
              ...{ preset, url: isPublic ? this.links.fixed(id, preset) : this.links.signed(id, LINK_SECONDS, { preset }).url },
              ...fitOf(preset, { width, height }).size,
            })),
      createdAt: row.created_at.toISOString(),
    };
  }
}
