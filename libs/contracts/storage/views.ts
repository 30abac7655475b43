import {
  Flag,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Pattern,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
  WholeList,
} from '../fields.ts';
import { pageOf } from '../page.ts';

export const PURPOSES = ['other', 'product', 'review', 'feedback', 'chat'] as const;
export type Purpose = (typeof PURPOSES)[number];
export const VISIBILITIES = ['public', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];
export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const;
export const DOCUMENT_TYPES = ['application/pdf', 'text/plain', 'text/csv'] as const;
export const FILE_TYPES = [...IMAGE_TYPES, ...DOCUMENT_TYPES] as const;
export type FileType = (typeof FILE_TYPES)[number];
/** Of a picture; none is enlarged. */
export const PRESETS = ['thumb', 'card', 'full'] as const;
export type Preset = (typeof PRESETS)[number];

const MEBIBYTE = 1_048_576;
const IMAGES_ALONE = { types: IMAGE_TYPES, uploadBytes: 10 * MEBIBYTE } as const;

/** What may be stored for what, and who may see it; the first visibility is the default. */
export const PURPOSE_RULES = {
  other: { ...{ visibilities: ['private', 'public'], types: FILE_TYPES, uploadBytes: 10 * MEBIBYTE, presignBytes: 50 * MEBIBYTE } },
  product: { ...IMAGES_ALONE, visibilities: ['public'], presignBytes: 50 * MEBIBYTE },
  review: { ...IMAGES_ALONE, visibilities: ['public', 'private'], presignBytes: 10 * MEBIBYTE },
  feedback: { ...IMAGES_ALONE, visibilities: ['private'], presignBytes: 10 * MEBIBYTE },
  chat: { ...{ visibilities: ['private'], types: FILE_TYPES, uploadBytes: 10 * MEBIBYTE, presignBytes: 10 * MEBIBYTE } },
} as const satisfies Record<
  Purpose,
  {
    readonly visibilities: readonly Visibility[];
    readonly types: readonly FileType[];
    readonly uploadBytes: number;
    readonly presignBytes: number;
  }
>;

export class Placeholder {
  @Means('The average colour.') @Pattern(/^#[0-9a-f]{6}$/, 'must be a colour') color!: string;
  @Means('A blurred picture in a few characters, by blurha.sh.') @Text(6, 100) blurhash!: string;
}

export class FileVariant {
  @OneOf(PRESETS) preset!: Preset;
  @Text(1, 1000) url!: string;
  @Means('In pixels.') @Whole(1, 100_000) width!: number;
  @Means('In pixels.') @Whole(1, 100_000) height!: number;
}

export class File {
  @Uuid() id!: string;
  @Means('Only in answers to its owner; null once they are gone.') @Optional() @Nullable() @Uuid() userId?: string | null;
  @Means('Only in answers to its owner.') @Optional() @Text(1, 200) name?: string;
  @Means('Only in answers to its owner.') @Optional() @Nullable() @Text(1, 254) folder?: string | null;
  @Means('Only in answers to its owner.') @Optional() @OneOf(PURPOSES) purpose?: Purpose;
  @OneOf(FILE_TYPES) mime!: FileType;
  @Means('Bytes of what is kept.') @Whole(1, 100_000_000) size!: number;
  @Means('In pixels, of a picture as it is seen.') @Optional() @Whole(1, 100_000) width?: number;
  @Means('In pixels, of a picture as it is seen.') @Optional() @Whole(1, 100_000) height?: number;
  @Means('SHA-256 of what `content` serves without a preset, in hexadecimal digits.') @Text(64, 64) hash!: string;
  @Optional() @Nested(() => Placeholder) placeholder?: Placeholder;
  @OneOf(VISIBILITIES) visibility!: Visibility;
  @Means('Of a public file a fixed address, of a private one a link that is good for a while.') @Text(1, 1000) url!: string;
  @Means('Null of a fixed address.') @Nullable() @Timestamp() urlExpiresAt!: string | null;
  @Means('All presets of a picture; none of a document.') @ListOf(() => FileVariant) variants!: FileVariant[];
  @Timestamp() createdAt!: string;
}

export class Usage {
  @Means('Of what is kept, and of uploads that are open.') @Whole(0, Number.MAX_SAFE_INTEGER) bytes!: number;
  @Means('How many, uploads that are open included.') @Whole(0, 1_000_000_000) files!: number;
  @Means('Bytes that there may be; null for admins, who have no quota.') @Nullable() @Whole(0, Number.MAX_SAFE_INTEGER) quota!:
    | number
    | null;
}

export class FilePage extends pageOf(File) {
  @Nested(() => Usage) usage!: Usage;
}

export class UploadHeaders {
  @Text(1, 100) 'content-type'!: string;
}

export class UploadPart {
  @Means('From 1, in the order of the bytes.') @Whole(1, 100) number!: number;
  @OneOf(['PUT']) method!: 'PUT';
  @Means('Takes the part, without a token, for an hour at most.') @Text(1, 1000) url!: string;
  @Means('To be sent with it.') @Nested(() => UploadHeaders) headers!: UploadHeaders;
  @Means('Bytes that the part has.') @Whole(1, 100_000_000) size!: number;
  @Means('Whether it has come.') @Flag() received!: boolean;
}

export class Upload {
  @Uuid() id!: string;
  @Timestamp() expiresAt!: string;
  @ListOf(() => UploadPart, 1, 100) parts!: UploadPart[];
}

export class Link {
  @Text(1, 1000) url!: string;
  @Timestamp() expiresAt!: string;
}

export class AllowedTypes {
  @TextList(20, 1, 100) allowed!: string[];
}
export class PixelLimit {
  @Means('Width times height.') @Whole(1, 1_000_000_000) maxPixels!: number;
}
export class UsedUp {
  @Nested(() => Usage) usage!: Usage;
  @Means('In bytes.') @Whole(0, Number.MAX_SAFE_INTEGER) quota!: number;
}
export class MissingParts {
  @Means('Numbers of the parts that have not come.') @WholeList(100, 1, 100) missing!: number[];
}

/** For staff. */
export class PurposeUsage {
  @OneOf(PURPOSES) purpose!: Purpose;
  @Means('How many.') @Whole(0, 1_000_000_000) files!: number;
  @Means('Of what is kept of them.') @Whole(0, Number.MAX_SAFE_INTEGER) bytes!: number;
}
export class LargestUser {
  @Uuid() userId!: string;
  @Means('How many.') @Whole(0, 1_000_000_000) files!: number;
  @Means('Of what is kept of them.') @Whole(0, Number.MAX_SAFE_INTEGER) bytes!: number;
}
export class StorageUsage {
  @Means('Files that people have.') @Whole(0, 1_000_000_000) files!: number;
  @Means('Of these, each counted for itself.') @Whole(0, Number.MAX_SAFE_INTEGER) bytes!: number;
  @Means('Bytes that are stored: equal ones once, and the presets that were made.') @Whole(0, Number.MAX_SAFE_INTEGER) storedBytes!: number;
  @Means('Uploads in parts that are not completed.') @Whole(0, 1_000_000_000) openUploads!: number;
  @Means('Objects whose bytes are still to go.') @Whole(0, 1_000_000_000) leftovers!: number;
  @ListOf(() => PurposeUsage) purposes!: PurposeUsage[];
  @Means('The ten who use most.') @ListOf(() => LargestUser) largest!: LargestUser[];
}
