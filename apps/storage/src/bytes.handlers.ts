import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { type Call, type FormPart, type Transfer, transferOf, userOf } from '#libs/contracts/call';
import type { ByteAnswer, ByteSource } from '#libs/contracts/contract';
import { type ErrorKind, invalid, notFound, Refusal } from '#libs/contracts/errors';
import { readInput } from '#libs/contracts/shape';
import { type Content, type PartOfUpload, storageApi, UploadFields } from '#libs/contracts/storage/api';
import { type File, type FileType, PRESETS, type Preset, PURPOSE_RULES } from '#libs/contracts/storage/views';
import { fromWire, toWire } from '#libs/messaging/wire-error';
import { Database } from '#libs/persistence/database';
import { type KeyedRequest, keyOf, onceFor, recall } from '#libs/persistence/idempotency';
import type { Queries } from '#libs/persistence/queries';
import { AccountRepository, type Owner } from './account.repository.ts';
import { AnswerRepository } from './answer.repository.ts';
import { FileRepository, type FileRow } from './file.repository.ts';
import { mayRead } from './file-access.ts';
import { nameOf } from './file-name.ts';
import { FileViews, isImage } from './file-view.ts';
import { Intake, mayUse, visibilityFor } from './intake.ts';
import { Links } from './links.ts';
import { formatFor } from './picture/presets.ts';
import { Renditions } from './picture/renditions.ts';
import { Spool, type Spooled } from './spool.ts';
import { type Fingerprint, keptKey, type ObjectStore, StoreUnavailable } from './store/object-store.ts';
import { InjectObjectStore } from './store/store.provider.ts';
import { verified } from './store/verified.ts';
import { answering } from './unavailable.ts';
import { UploadParts } from './upload-parts.ts';

const FORM = { fields: 8, fieldBytes: 4_096 } as const;
/** Nothing in a file may run or load, even when it is opened by itself. */
const POLICY = "default-src 'none'; sandbox";
const MAX_AGE = 300;
/** A review's picture may be hidden, and clients are to notice. */
const MAX_AGE_OF_REVIEWS = 60;

const FINAL_KINDS: ReadonlySet<ErrorKind> = new Set(['bad_request', 'not_found', 'conflict', 'too_large', 'unsupported', 'unprocessable']);

interface Form {
  readonly fields: UploadFields;
  readonly sent: Spooled;
  readonly fileName: string;
}

/** Bytes in and out. */
@Injectable()
export class BytesHandlers {
  constructor(
    private readonly database: Database,
    private readonly files: FileRepository,
    private readonly accounts: AccountRepository,
    private readonly answers: AnswerRepository,
    private readonly intake: Intake,
    private readonly renditions: Renditions,
    private readonly views: FileViews,
    private readonly links: Links,
    private readonly spool: Spool,
    private readonly parts: UploadParts,
    @InjectObjectStore() private readonly store: ObjectStore,
  ) {}

  upload(_input: object, call: Call): Promise<File> {
    const { userId, roles } = userOf(call);
    const owner = { userId, isAdmin: roles.includes('admin') };
    const transfer = transferOf(call);
    return answering(() =>
      this.spool.within(async (place) => {
        const form = await this.readForm(transfer, place.path('sent'));
        // What a repeat is compared by is known only now.
        const keyed = withBodyHash(call, form);
        const key = keyOf(keyed);
        const earlier = key === undefined ? undefined : await this.earlier(key, transfer);
        if (earlier !== undefined) return earlier;
        try {
          const made = await this.fileOf(form, owner, place.path('kept'), keyed);
          // Undefined where the first request with the key ended while this one ran.
          const file = made ?? (key === undefined ? undefined : await this.earlier(key, transfer));
          if (file === undefined) throw notFound();
          return file;
        } catch (error) {
          if (key !== undefined && isFinal(error)) await this.answers.addRefusal(key, toWire(error)).catch(() => undefined);
          throw error;
        }
      }),
    );
  }

  /** Undefined when the key has made a file before. */
  private async fileOf({ fields, sent, fileName }: Form, owner: Owner, keptPath: string, keyed: Call): Promise<File | undefined> {
    const { purpose, visibility: asked, folder = null } = fields;
    mayUse(purpose, owner.isAdmin);
    visibilityFor(purpose, asked);
    await this.accounts.mayAdd(owner, 0);
    const prepared = await this.intake.prepare(sent, keptPath, fileName, purpose);
    const visibility = visibilityFor(purpose, asked, prepared.mime);
    const id = uuidv7();
    const name = nameOf(fileName, prepared.mime);
    const key = keyOf(keyed);
    return this.intake.keep(prepared, (transaction, blobId) =>
      onceFor<File | undefined>(transaction, keyed, id, {
        make: async () => {
          await this.accounts.charge(transaction, owner, prepared.size);
          this.files.add(transaction, { id, userId: owner.userId, name, folder, purpose, visibility }, blobId);
          const file = await this.ownView(id, transaction);
          if (key !== undefined) this.answers.addFile(transaction, key, file);
          return file;
        },
        read: async () => undefined,
      }),
    );
  }

  putPart({ id, number }: PartOfUpload, call: Call): Promise<void> {
    return answering(() => this.parts.take(id, number, transferOf(call)));
  }

  content({ id, preset, ...link }: Content, call: Call): Promise<ByteAnswer> {
    return answering(async () => {
      const isLink = Object.values(link).some((value) => value !== undefined);
      if (isLink && !this.links.opens(id, { preset, ...link })) throw storageApi.refuse('storage.link_invalid', 'This link is not good');
      if (preset !== undefined && !isPreset(preset)) throw unknownPreset();
      const file = await this.files.find(id);
      if (file === undefined || (!isLink && !mayRead(file, call.actor))) throw notFound();
      if (preset === undefined) return this.answerOf(file, link, { ...file, key: keptKey(file.blob_id) }, file.mime);
      if (!isImage(file.mime)) throw unknownPreset();
      const format = formatFor(transferOf(call).accept);
      const made = await this.renditions.of(file, preset, format);
      const lost = (): Promise<void> => this.renditions.lost(file, preset, format, made);
      return { ...this.answerOf(file, link, made, `image/${format}` as const, lost), vary: 'Accept' };
    });
  }

  private answerOf(
    file: FileRow,
    { download, expires }: { readonly download?: string; readonly expires?: string },
    object: Fingerprint & { readonly key: string },
    mime: FileType,
    onLost?: () => Promise<void>,
  ): ByteAnswer {
    // Nobody may keep for others what they are not to see.
    const isPublic = file.visibility === 'public' && expires === undefined && !file.is_hidden;
    const isShown = isImage(file.mime) && download === undefined;
    return {
      ...{ body: this.sourceOf(object, onLost), mime: mime.startsWith('text/') ? `${mime}; charset=utf-8` : mime, policy: POLICY },
      maxAge: isPublic ? (file.purpose === 'review' ? MAX_AGE_OF_REVIEWS : MAX_AGE) : 0,
      disposition: isShown ? 'inline' : 'attachment',
      // The name that its owner gave it is not for everybody.
      ...(isPublic ? {} : { fileName: nameOf(file.name, mime) }),
    };
  }

  private sourceOf(object: Fingerprint & { readonly key: string }, onLost?: () => Promise<void>): ByteSource {
    return {
      size: object.size,
      etag: object.hash,
      open: (range) =>
        answering(async () => {
          const bytes = await this.store.read(object.key, object, range);
          if (bytes === undefined) {
            await onLost?.();
            throw new StoreUnavailable('the bytes of a file are not there');
          }
          return range === undefined ? verified(bytes, object.hash) : bytes;
        }),
    };
  }

  private async readForm(transfer: Transfer, path: string): Promise<Form> {
    const given: Record<string, string> = {};
    let file: { readonly sent: Spooled; readonly fileName: string } | undefined;
    for await (const part of transfer.parts(FORM)) {
      refuseTwice(part, part.kind === 'file' ? file !== undefined : Object.hasOwn(given, part.name));
      if (part.kind === 'field') given[part.name] = part.value;
      else file = { fileName: part.fileName, sent: await this.spool.write(part.body, path, PURPOSE_RULES.other.uploadBytes) };
    }
    const fields = readInput(UploadFields, given);
    if (file === undefined) throw invalid([{ path: 'file', message: 'must be given' }]);
    return { ...file, fields };
  }

  /** The answer to the first request with this key, as it was then. */
  private async earlier(key: KeyedRequest, transfer: Transfer): Promise<File | undefined> {
    const answer = await this.answers.find(key);
    // Keys from before answers were kept name their file.
    const id = answer === undefined ? await recall(this.database, key) : undefined;
    if (answer === undefined && id === undefined) return undefined;
    transfer.noteRepeat();
    if (id !== undefined) return this.ownView(id);
    if (answer?.refusal != null) throw fromWire(answer.refusal);
    return answer?.file ?? undefined;
  }

  private async ownView(id: string, queries: Pick<Queries, 'row'> = this.database): Promise<File> {
    const row = await this.files.find(id, queries);
    if (row === undefined) throw notFound();
    return this.views.of(row, { isOwner: true });
  }
}

function refuseTwice(part: FormPart, isSecond: boolean): void {
  const path = part.name;
  if (part.kind === 'file' && path !== 'file') throw invalid([{ path, message: 'is not a field of this request' }]);
  if (isSecond) throw invalid([{ path, message: 'is given more than once' }]);
  if (part.kind === 'field' && (part.isCut || part.value.includes('\0')))
    throw invalid([{ path, message: 'is too long or cannot be read' }]);
  if (part.kind === 'field' && path === 'file') throw invalid([{ path, message: 'must be a file' }]);
}

/** What a repeat would be answered with for ever; who may do it, and how often, may change. */
const isFinal = (error: unknown): error is Refusal => error instanceof Refusal && FINAL_KINDS.has(error.kind);

function withBodyHash(call: Call, { fields, sent }: Form): Call {
  if (call.idempotency === undefined) return call;
  const body = JSON.stringify([fields.purpose, fields.visibility ?? null, fields.folder ?? null, sent.hash]);
  return { ...call, idempotency: { ...call.idempotency, bodyHash: createHash('sha256').update(body).digest('base64url') } };
}

const isPreset = (text: string): text is Preset => PRESETS.some((preset) => preset === text);
const unknownPreset = () => invalid([{ path: 'preset', message: 'is not a preset of this file', allowed: PRESETS }]);
