import { contract, operation } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Flag, Means, Nullable, OneOf, Optional, Pattern, Text, Uuid, Whole, Words } from '../fields.ts';
import { ById, Nothing, PageQuery } from '../page.ts';
import { CheckedFiles, CheckFiles, SignedFiles, SignFiles } from './messages.ts';
import {
  AllowedTypes,
  File,
  FilePage,
  Link,
  MissingParts,
  PixelLimit,
  PRESETS,
  type Preset,
  PURPOSES,
  type Purpose,
  StorageUsage,
  Upload,
  UsedUp,
  VISIBILITIES,
  type Visibility,
} from './views.ts';

/** A part of an upload that has more than one; S3 takes no smaller ones. */
export const PART_BYTES = 5 * 1_048_576;
/** Up to here an upload is one part. */
export const ONE_PART_BYTES = 8 * 1_048_576;
const MAX_UPLOAD_BYTES = 10 * 1_048_576;
/** What a form has beside its file. */
const FORM_BYTES = 65_536;

const SEGMENT = String.raw`[\p{L}\p{M}\p{Nd} _-]{1,50}`;
const Folder = (): PropertyDecorator =>
  Pattern(
    new RegExp(`^${SEGMENT}(?:/${SEGMENT}){0,4}$`, 'u'),
    'must be 1 to 5 segments of 1 to 50 letters, digits, spaces, _ or -, joined by /',
  );

/** The fields of an upload's form beside `file`. */
export class UploadFields {
  @OneOf(PURPOSES) purpose: Purpose = 'other';
  @Means('Absent: what the purpose has first.') @Optional() @OneOf(VISIBILITIES) visibility?: Visibility;
  @Optional() @Folder() folder?: string;
}

export class Presign {
  @Words(1, 1000) name!: string;
  @Means('Only a forecast: the bytes decide.') @Text(1, 100) mime!: string;
  @Means('Bytes of the whole file.') @Whole(0, Number.MAX_SAFE_INTEGER) size!: number;
  @OneOf(PURPOSES) purpose: Purpose = 'other';
  @Means('Absent: what the purpose has first.') @Optional() @OneOf(VISIBILITIES) visibility?: Visibility;
  @Optional() @Nullable() @Folder() folder?: string | null;
  @Means('SHA-256 of the whole file, to be compared.')
  @Optional()
  @Pattern(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
  hash?: string;
}

export class PartOfUpload {
  @Uuid() id!: string;
  @Means('As in the upload, from 1.') @Text(1, 20) number!: string;
}

/** Those of a link are judged by its signature, whatever stands in them. */
export class Content {
  @Uuid() id!: string;
  @Means('Absent: the bytes that are kept.') @Optional() @Text(0, 500) preset?: string;
  @Means('The following are parts of a link, as it was given.') @Optional() @Text(0, 500) download?: string;
  @Optional() @Text(0, 500) expires?: string;
  @Optional() @Text(0, 500) key?: string;
  @Optional() @Text(0, 500) signature?: string;
}

export class NewLink {
  @Uuid() id!: string;
  @Optional() @OneOf(PRESETS) preset?: Preset;
  @Means('In seconds.') @Whole(1, 3_600) expiresIn: number = 300;
  @Means('True: a browser saves it instead of showing it.') @Flag() download: boolean = false;
}

export class FilesOf extends PageQuery {
  @Uuid() userId!: string;
  @Means('And those below it.') @Optional() @Folder() folder?: string;
  @Optional() @OneOf(PURPOSES) purpose?: Purpose;
}

export class EditFile {
  @Uuid() id!: string;
  @Optional() @Words(1, 1000) name?: string;
  @Optional() @Nullable() @Folder() folder?: string | null;
  @Optional() @OneOf(VISIBILITIES) visibility?: Visibility;
}

const REFUSED = {
  'storage.type_not_allowed': { kind: 'unsupported', fields: AllowedTypes },
  'storage.empty_file': 'bad_request',
  'storage.broken_file': 'bad_request',
  'storage.too_many_pixels': { kind: 'too_large', fields: PixelLimit },
  'storage.quota_exceeded': { kind: 'conflict', fields: UsedUp },
} as const;
const LINK = { 'storage.link_invalid': 'forbidden' } as const;
const IN_USE = { 'storage.in_use': 'conflict' } as const;

export const storageApi = contract('storage', {
  operations: {
    upload: operation({
      summary: 'Store a file: one form with the file and what it is for',
      access: 'user',
      http: 'POST /storage/upload',
      in: Nothing,
      out: File,
      status: 201,
      errors: REFUSED,
      upload: { as: 'form', fields: UploadFields, maxBytes: MAX_UPLOAD_BYTES + FORM_BYTES },
      timeoutMs: 45_000,
    }),
    presign: operation({
      summary: 'Begin an upload in parts, each by a link of its own',
      access: 'user',
      http: 'POST /storage/presign',
      in: Presign,
      out: Upload,
      status: 201,
      errors: REFUSED,
    }),
    uploadOf: operation({
      summary: 'An open upload, with fresh links: what has come need not be sent again',
      access: 'user',
      http: 'GET /storage/uploads/:id',
      in: ById,
      out: Upload,
    }),
    putPart: operation({
      summary: 'A part of an upload, under its link',
      access: 'public',
      http: 'PUT /storage/uploads/:id/parts/:number',
      in: PartOfUpload,
      errors: LINK,
      upload: { as: 'part', maxBytes: ONE_PART_BYTES },
      timeoutMs: 15_000,
    }),
    complete: operation({
      summary: 'Make a file of the parts that have come; a repeat answers the same',
      access: 'user',
      http: 'POST /storage/:id/complete',
      in: ById,
      out: File,
      status: 200,
      errors: {
        ...REFUSED,
        'storage.upload_incomplete': { kind: 'conflict', fields: MissingParts },
        'storage.upload_mismatch': 'conflict',
        'storage.upload_running': 'conflict',
      },
      timeoutMs: 60_000,
    }),
    get: operation({ summary: 'What is known of a file', access: 'optional', http: 'GET /storage/:id', in: ById, out: File }),
    content: operation({
      summary: 'The bytes of a file, or of a preset in the format that `Accept` asks for',
      access: 'optional',
      http: 'GET /storage/:id/content',
      in: Content,
      bytes: true,
      errors: { ...LINK, 'storage.range_not_satisfiable': 'unsatisfiable' },
      timeoutMs: 30_000,
    }),
    link: operation({
      summary: 'A link to an own file that needs no token',
      access: 'user',
      http: 'POST /storage/:id/link',
      in: NewLink,
      out: Link,
      status: 200,
    }),
    list: operation({
      summary: 'Own files, newest first',
      access: 'user',
      http: 'GET /storage/user/:userId',
      in: FilesOf,
      out: FilePage,
    }),
    edit: operation({
      summary: 'Rename, move or show a file',
      access: 'user',
      http: 'PATCH /storage/:id',
      in: EditFile,
      out: File,
      errors: IN_USE,
    }),
    remove: operation({ summary: 'Delete a file', access: 'user', http: 'DELETE /storage/:id', in: ById, errors: IN_USE }),
    usage: operation({
      summary: 'What is stored, in numbers',
      access: 'staff',
      http: 'GET /storage/admin/usage',
      in: Nothing,
      out: StorageUsage,
    }),
    check: operation({
      summary: 'Whether files may be used, which holds them for ten minutes',
      access: 'internal',
      in: CheckFiles,
      out: CheckedFiles,
    }),
    sign: operation({ summary: 'Links to files that the asking service holds', access: 'internal', in: SignFiles, out: SignedFiles }),
    exportOf: exportOperation('What a user has stored, for that archive'),
  },
});
