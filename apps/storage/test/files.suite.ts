import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '#libs/contracts/call';
import { sql } from '#libs/persistence/sql';
import { codeOf, eventually } from '#libs/testing/builders';
import { AccountRepository } from '../src/account.repository.ts';
import { HolderRepository } from '../src/holder.repository.ts';
import { LeftoverRepository } from '../src/leftover.repository.ts';
import { StorageReactions } from '../src/storage.reactions.ts';
import { blobPrefix, keptKey } from '../src/store/object-store.ts';
import { UploadRepository } from '../src/upload.repository.ts';
import { callBy, partOf, photo, StorageFixture, serviceCall, sha256 } from './storage-fixture.ts';

const QUOTA = 3_000_000;
const text = (length: number): Buffer => Buffer.from(randomBytes(length).toString('hex').slice(0, length));

/** What holds for files wherever their bytes are. `environment`: where that is. */
export function files(where: string, environment: () => Promise<Record<string, string>>): void {
  describe(`files ${where}`, () => {
    let storage: StorageFixture;
    beforeAll(async () => {
      storage = await StorageFixture.open({ STORAGE_QUOTA_BYTES: String(QUOTA), ...(await environment()) }, 2);
    });
    afterAll(() => storage.close());

    const userOf = (by: Call): string => (by.actor as { userId: string }).userId;
    const presign = (by: Call, size: number, hash?: string) =>
      storage.uploads.presign(
        { name: 'notes.txt', mime: 'text/plain', size, purpose: 'other', ...(hash === undefined ? {} : { hash }) },
        by,
      );
    const putPart = (part: { url: string }, content: Buffer) => {
      const { id, number, transfer } = partOf(part.url, content, 'text/plain');
      return storage.bytes.putPart({ id, number }, { ...callBy(), transfer });
    };

    it('are gone in every form with their deletion, and leave nothing in the store', async () => {
      const by = callBy();
      const before = new Set(await storage.stored());
      const file = await storage.upload(await photo(), { by });
      await storage.read(file.id, by, { preset: 'thumb' }, 'image/webp');
      await storage.files.remove({ id: file.id }, by);
      expect(await codeOf(storage.read(file.id, by))).toBe('not_found');
      expect(await codeOf(storage.read(file.id, by, { preset: 'thumb' }, 'image/webp'))).toBe('not_found');
      expect(await codeOf(storage.files.remove({ id: file.id }, by))).toBe('not_found');
      expect(await storage.usageOf(by)).toMatchObject({ bytes: 0, files: 0 });
      await eventually(async () => (await storage.stored()).every((key) => before.has(key)));
    });

    it('with equal bytes are stored once, and each dies alone', async () => {
      const bytes = await photo();
      const people = Array.from({ length: 6 }, () => callBy());
      const same = await Promise.all(people.map((by, index) => storage.upload(bytes, { by, on: index % 2 })));
      expect(new Set(same.map(({ id }) => id)).size).toBe(6);
      expect(new Set(same.map(({ hash }) => hash)).size).toBe(1);
      const blobs = () => storage.database.row<{ count: number }>(sql`SELECT count(*) AS count FROM blobs WHERE hash = ${same[0]?.hash}`);
      expect((await blobs())?.count).toBe(1);
      await Promise.all(people.slice(1).map((by, index) => storage.files.remove({ id: same[index + 1]?.id as string }, by)));
      expect((await storage.read(same[0]?.id as string, people[0] as Call)).bytes.length).toBe(same[0]?.size);
      // While the last one goes, somebody else brings the same bytes.
      const late = callBy();
      const [, again] = await Promise.all([
        storage.files.remove({ id: same[0]?.id as string }, people[0] as Call),
        storage.upload(bytes, { by: late }),
      ]);
      expect((await storage.read(again.id, late)).bytes.length).toBe(again.size);
    });

    it('whose bytes the store has lost are put back by the next upload of the same', async () => {
      const by = callBy();
      const bytes = await photo();
      const file = await storage.upload(bytes, { by });
      const { id } = (await storage.database.row<{ id: string }>(sql`SELECT id FROM blobs WHERE hash = ${file.hash}`)) as { id: string };
      await storage.store.removeAll(`blobs/${id.slice(-2)}/${id}/`);
      expect(await codeOf(storage.read(file.id, by))).toBe('unavailable');
      await storage.upload(bytes, { by: callBy() });
      expect((await storage.read(file.id, by)).bytes.length).toBe(file.size);
    });

    it('fit the quota under any concurrency, open uploads included', async () => {
      const by = callBy();
      const size = 400_000;
      const work = Array.from({ length: 16 }, (_, index) =>
        codeOf(index % 2 === 0 ? storage.upload(text(size), { by, name: 'a.txt', on: (index / 2) % 2 }) : presign(by, size)),
      );
      const outcomes = await Promise.all(work);
      expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(Math.floor(QUOTA / size));
      expect(new Set(outcomes)).toEqual(new Set(['ok', 'storage.quota_exceeded']));
      expect(await storage.usageOf(by)).toEqual({ bytes: 7 * size, files: 7, quota: QUOTA });
      const large = { name: 'large.pdf', mime: 'application/pdf', size: QUOTA, purpose: 'other' as const };
      expect(await codeOf(storage.uploads.presign(large, callBy(userOf(by), 'admin')))).toBe('ok');
    });

    it('a request that comes twice makes one', async () => {
      const by = callBy(undefined, 'customer', 'key-1');
      const bytes = await photo();
      const both = await Promise.all([storage.upload(bytes, { by }), storage.upload(bytes, { by, on: 1 })]);
      expect(both[0].id).toBe(both[1].id);
      expect((await storage.usageOf(by)).files).toBe(1);
      expect(String(await storage.upload(await photo(), { by }).catch((error: unknown) => error))).toContain('IdempotencyKeyReused');
    });

    it('a repeat is answered as the first request was, whatever became of the file', async () => {
      const by = callBy(undefined, 'customer', 'key-2');
      const bytes = await photo();
      const first = await storage.upload(bytes, { by });
      await storage.files.edit({ id: first.id, name: 'other.jpg' }, by);
      expect(await storage.upload(bytes, { by, on: 1 })).toEqual(first);
      await storage.files.remove({ id: first.id }, by);
      expect(await storage.upload(bytes, { by })).toEqual(first);
      expect(await storage.usageOf(by)).toMatchObject({ files: 0 });
      const refused = callBy(userOf(by), 'customer', 'key-3');
      const broken = (await photo()).subarray(0, 2_000);
      for (let repeat = 0; repeat < 3; repeat += 1)
        expect(await codeOf(storage.upload(broken, { by: refused, on: repeat % 2 }))).toBe('storage.broken_file');
      expect(String(await storage.upload(bytes, { by: refused }).catch((error: unknown) => error))).toContain('IdempotencyKeyReused');
      const kept = await storage.database.row<{ count: number }>(sql`SELECT count(*) AS count FROM answers WHERE actor = ${userOf(by)}`);
      expect(kept?.count).toBe(2);
    });

    it('that come in parts go on after a break, and are one file once, whatever comes later', async () => {
      const by = callBy();
      const content = text(500_000);
      const upload = await presign(by, content.length, sha256(content));
      expect(upload.parts).toHaveLength(1);
      const part = upload.parts[0] as { url: string };
      expect(await codeOf(storage.uploads.complete({ id: upload.id }, by))).toBe('storage.upload_incomplete');
      for (const wrong of [content.subarray(1), Buffer.concat([content, content.subarray(0, 1)])])
        expect(await codeOf(putPart(part, wrong))).toBe('storage.link_invalid');
      expect(await codeOf(putPart({ url: part.url.replace('signature=', 'signature=A') }, content))).toBe('storage.link_invalid');
      // Other bytes of the same length: found out, and to be sent again.
      await putPart(part, text(content.length));
      expect(await codeOf(storage.uploads.complete({ id: upload.id }, by))).toBe('storage.upload_mismatch');
      await putPart(part, content);
      expect((await storage.uploads.uploadOf({ id: upload.id }, by)).parts[0]?.received).toBe(true);
      const completed = await Promise.all(
        Array.from({ length: 5 }, () => storage.uploads.complete({ id: upload.id }, by).catch((error: Error) => error.message)),
      );
      const ids = completed.flatMap((one) => (typeof one === 'string' ? [] : [one.id]));
      expect(new Set(ids).size).toBe(1);
      expect((await storage.uploads.complete({ id: upload.id }, by)).id).toBe(ids[0]);
      expect(await codeOf(putPart(part, text(content.length)))).toBe('not_found');
      expect(await codeOf(storage.uploads.uploadOf({ id: upload.id }, by))).toBe('not_found');
      expect((await storage.read(ids[0] as string, by)).bytes).toEqual(content);
      expect(await storage.usageOf(by)).toMatchObject({ bytes: content.length, files: 1 });
    });

    it('a part that comes again while its upload is completed leaves the bytes before to be read', async () => {
      const by = callBy();
      const content = text(1_000);
      const upload = await presign(by, content.length);
      await putPart(upload.parts[0] as { url: string }, content);
      const uploads = storage.get(UploadRepository);
      const [read] = await uploads.parts(upload.id);
      expect(await uploads.beginCompleting(upload.id)).toBe(true);
      await putPart(upload.parts[0] as { url: string }, text(content.length));
      const left = await storage.database.row(sql`
        SELECT 1 FROM leftovers WHERE prefix = ${read?.key} AND due_at > now() + interval '60 seconds' AND NOT is_going`);
      expect(left).toBeDefined();
      await uploads.giveUp(upload.id);
      await storage.database.execute(sql`UPDATE leftovers SET due_at = now() WHERE prefix = ${read?.key}`);
    });

    it('that come in parts and break the rules are gone, with their place in the quota', async () => {
      const by = callBy();
      const content = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
      const upload = await presign(by, content.length);
      await putPart(upload.parts[0] as { url: string }, content);
      expect(await codeOf(storage.uploads.complete({ id: upload.id }, by))).toBe('storage.type_not_allowed');
      expect(await codeOf(storage.uploads.complete({ id: upload.id }, by))).toBe('not_found');
      expect(await storage.usageOf(by)).toMatchObject({ bytes: 0, files: 0 });
    });

    it('uploads that are past give up their parts and their place', async () => {
      const by = callBy();
      const content = text(1_000);
      const upload = await presign(by, content.length);
      await putPart(upload.parts[0] as { url: string }, content);
      await storage.database.execute(sql`UPDATE uploads SET expires_at = now() - interval '1 second' WHERE id = ${upload.id}`);
      expect(await codeOf(storage.uploads.complete({ id: upload.id }, by))).toBe('not_found');
      await storage.cleaner.giveUpUploads();
      expect(await storage.usageOf(by)).toMatchObject({ bytes: 0, files: 0 });
      await eventually(async () => !(await storage.stored()).some((key) => key.startsWith('parts/')));
    });

    it('in use are neither deleted nor hidden, and a review’s are seen while the review is shown', async () => {
      const by = callBy();
      const file = await storage.upload(await photo(), { by, purpose: 'review' });
      const asked = { userId: userOf(by), purpose: 'review' as const, fileIds: [file.id], ref: 'review-1' };
      expect(await storage.held.check({ ...asked, userId: uuidv7() }, serviceCall('review'))).toEqual({ files: [], unusable: [file.id] });
      expect((await storage.held.check({ ...asked, visibility: 'private' }, serviceCall('review'))).unusable).toEqual([file.id]);
      expect((await storage.held.check(asked, serviceCall('review'))).files.map(({ id }) => id)).toEqual([file.id]);
      expect(await codeOf(storage.files.remove({ id: file.id }, by))).toBe('storage.in_use');
      const tell = (version: number, fileIds: string[], shown: boolean) =>
        storage.database.transaction((transaction) =>
          storage.get(HolderRepository).replace(transaction, 'review', { ref: 'review-1', userId: userOf(by), fileIds, shown, version }),
        );
      const stranger = callBy();
      await tell(2, [file.id], false);
      expect(await codeOf(storage.read(file.id, stranger))).toBe('not_found');
      // Its owner sees it, and no cache may keep it for others.
      expect(await storage.read(file.id, by)).toMatchObject({ maxAge: 0, bytes: { length: file.size } });
      expect((await storage.held.sign({ fileIds: [file.id], seconds: 900 }, serviceCall('review'))).items).toHaveLength(1);
      expect((await storage.held.sign({ fileIds: [file.id], seconds: 900 }, serviceCall('chat'))).items).toEqual([]);
      await tell(3, [file.id], true);
      expect((await storage.read(file.id, stranger)).maxAge).toBe(60);
      // Older news come late, and change nothing.
      await tell(1, [], false);
      expect(await codeOf(storage.files.edit({ id: file.id, visibility: 'private' }, by))).toBe('storage.in_use');
      await tell(4, [], false);
      expect(await codeOf(storage.read(file.id, stranger))).toBe('not_found');
      expect(await codeOf(storage.files.remove({ id: file.id }, by))).toBe('ok');
    });

    it('that are promised to a change stay held when news of an earlier change come', async () => {
      const by = callBy();
      const [first, second] = [
        await storage.upload(await photo(), { by, purpose: 'review' }),
        await storage.upload(await photo(), { by, purpose: 'review' }),
      ];
      const holder = { ref: `review-${uuidv7()}`, userId: userOf(by) };
      const tell = (version: number, fileIds: string[]) =>
        storage.database.transaction((transaction) =>
          storage.get(HolderRepository).replace(transaction, 'review', { ...holder, fileIds, shown: true, version }),
        );
      await storage.held.check({ ...holder, purpose: 'review', fileIds: [second.id] }, serviceCall('review'));
      await tell(1, [first.id]);
      expect(await codeOf(storage.files.remove({ id: second.id }, by))).toBe('storage.in_use');
      await tell(2, [second.id]);
      expect(await codeOf(storage.files.remove({ id: first.id }, by))).toBe('ok');
      expect(await codeOf(storage.files.remove({ id: second.id }, by))).toBe('storage.in_use');
      await tell(3, []);
      expect(await codeOf(storage.files.remove({ id: second.id }, by))).toBe('ok');
    });

    it('of an erased account go, product pictures in use aside, and nothing can follow', async () => {
      const by = callBy(undefined, 'admin');
      const [shown, spare, own] = [
        await storage.upload(await photo(), { by, purpose: 'product' }),
        await storage.upload(await photo(), { by, purpose: 'product' }),
        await storage.upload(await photo(), { by, visibility: 'public' }),
      ];
      const open = await presign(by, 1_000);
      const used = { ref: 'product-1', userId: userOf(by), fileIds: [shown.id], shown: true, version: 1 };
      await storage.database.transaction((transaction) => storage.get(HolderRepository).replace(transaction, 'product', used));
      const delivery = { eventId: uuidv7(), version: 1, requestId: uuidv7() };
      await storage.database.transaction((transaction) =>
        storage.get(StorageReactions).onAuthErased({ userId: userOf(by), at: new Date().toISOString() }, { ...delivery, transaction }),
      );
      const stranger = callBy();
      expect((await storage.read(shown.id, stranger)).bytes.length).toBe(shown.size);
      for (const { id } of [spare, own]) expect(await codeOf(storage.read(id, stranger))).toBe('not_found');
      expect(await codeOf(storage.uploads.complete({ id: open.id }, by))).toBe('not_found');
      expect(await codeOf(storage.upload(await photo(), { by }))).toBe('not_found');
      expect(await storage.get(AccountRepository).usageOf({ userId: userOf(by), isAdmin: false })).toMatchObject({ bytes: 0, files: 0 });
    });

    it('that were being written when their process died are never served, and go', async () => {
      const by = callBy();
      const leftovers = storage.get(LeftoverRepository);
      const [id, bytes] = [randomUUID(), text(5_000)];
      const path = join(storage.directory, id);
      writeFileSync(path, bytes);
      await leftovers.beginWriting(blobPrefix(id));
      await storage.store.put(keptKey(id), path, { size: bytes.length, hash: sha256(bytes) });
      // Here the process dies: no row names the object, and nothing was charged.
      expect(await storage.usageOf(by)).toMatchObject({ bytes: 0, files: 0 });
      expect(await storage.cleaner.findOrphans(-1_000)).toBe(0);
      await storage.database.execute(sql`UPDATE leftovers SET due_at = now() WHERE prefix = ${blobPrefix(id)}`);
      await eventually(async () => !(await storage.stored()).includes(keptKey(id)));
      // Its last step, come late, finds nothing to make a file of.
      expect(await storage.database.transaction((transaction) => leftovers.adopt(transaction, blobPrefix(id)))).toBe(false);
    });

    it('without a row are found and deleted, and no others', async () => {
      const by = callBy();
      const file = await storage.upload(await photo(), { by });
      await storage.read(file.id, by, { preset: 'card' }, 'image/webp');
      const kept = await storage.upload(await photo(), { by });
      await storage.database.execute(sql`DELETE FROM files WHERE id = ${file.id}`);
      await storage.database.execute(sql`DELETE FROM blobs WHERE hash = ${file.hash}`);
      expect(await storage.cleaner.findOrphans(-1_000)).toBe(1);
      await eventually(async () => (await storage.database.row(sql`SELECT 1 FROM leftovers WHERE due_at <= now()`)) === undefined);
      expect(await storage.cleaner.findOrphans(-1_000)).toBe(0);
      expect((await storage.read(kept.id, by)).bytes.length).toBe(kept.size);
    });
  });
}
