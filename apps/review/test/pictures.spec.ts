import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilesUsed } from '#libs/contracts/storage/messages';
import { codeOf } from '#libs/testing/builders';
import { ReviewReactions } from '../src/review.reactions.ts';
import { ReviewRepository } from '../src/review.repository.ts';
import {
  aPicture,
  call,
  close,
  database,
  edit,
  ids,
  moderate,
  open,
  page,
  pictures,
  published,
  replica,
  reviews,
  staff,
  write,
} from './review-fixture.ts';

/** Pictures of reviews; storage is a double that knows some files. */
beforeAll(() => open({ RATE_LIMIT_SCALE: '1000' }));
afterAll(close);

const uses = async (ref: string) =>
  (await published<FilesUsed>('review.filesUsed'))
    .filter((one) => one.ref === ref)
    .sort((one, other) => one.version - other.version)
    .map(({ fileIds, shown }) => [fileIds, shown]);

describe('pictures', () => {
  it('are shown in their order under fixed addresses, and found by the filter', async () => {
    const productId = uuidv7();
    const images = [aPicture(), aPicture()];
    const { id } = await write({ productId, images });
    await write({ productId });
    expect((await page(productId, { withImages: true })).items).toMatchObject([
      { id, images: images.map((one) => ({ id: one, url: `/files/${one}` })) },
    ]);
    expect(await ids(productId, { withImages: false })).toHaveLength(1);
  });

  it('that cannot be used are named, and nothing is stored', async () => {
    const [productId, known, unknown] = [uuidv7(), aPicture(), uuidv7()];
    await expect(write({ productId, images: [known, unknown] })).rejects.toMatchObject({
      code: 'review.image_unusable',
      fields: { imageIds: [unknown] },
    });
    expect(await ids(productId)).toEqual([]);
    expect(await codeOf(write({ images: [known, known] }))).toBe('validation_failed');
  });

  it('that another edit took out meanwhile are looked at again', async () => {
    const [userId, image] = [uuidv7(), aPicture()];
    const { id } = await write({ images: [image] }, userId);
    const rows = replica().get(ReviewRepository);
    const find = rows.find.bind(rows);
    rows.find = async (...asked) => {
      rows.find = find;
      const found = await find(...asked);
      await edit({ id, rating: 5 }, userId, 1);
      pictures.delete(image);
      return found;
    };
    expect(await codeOf(edit({ id, rating: 4, images: [image] }, userId))).toBe('review.image_unusable');
    expect((await reviews().one({ id }, call(userId))).images).toEqual([]);
  });

  it('of a review that is not approved open by signed addresses, to author and staff', async () => {
    const [userId, image] = [uuidv7(), aPicture()];
    const held = await write({ body: 'See www.example.org', images: [image] }, userId);
    expect(held.images).toEqual([{ id: image, url: `/signed/${image}` }]);
    const [queued] = (await staff().list({ limit: 20, userId })).items;
    expect(queued?.images).toEqual(held.images);
    expect((await moderate(held.id, 'approved')).images).toEqual([{ id: image, url: `/files/${image}` }]);
  });

  it('are told to storage as a whole at each change, with whether they are shown', async () => {
    const [userId, first, second] = [uuidv7(), aPicture(), aPicture()];
    const { id } = await write({ images: [first] }, userId);
    await edit({ id, rating: 5, images: [first, second] }, userId);
    await moderate(id, 'hidden');
    await moderate(id, 'approved');
    await edit({ id, rating: 5 }, userId);
    expect(await uses(id)).toEqual([
      [[first], true],
      [[first, second], true],
      [[first, second], false],
      [[first, second], true],
      [[], true],
    ]);
    expect((await reviews().history({ id }, call(userId))).items[0]?.images).toHaveLength(2);
  });

  it('are let go with the review, and with the account of its author', async () => {
    const [userId, image, other] = [uuidv7(), aPicture(), aPicture()];
    const gone = await write({ images: [image] }, userId);
    await reviews().remove({ id: gone.id }, call(userId));
    const productId = uuidv7();
    const left = await write({ productId, images: [other] }, userId);
    await database().transaction((transaction) =>
      replica()
        .get(ReviewReactions)
        .onAuthErased({ userId, at: new Date().toISOString() }, { eventId: uuidv7(), version: 1, requestId: 'test', transaction }),
    );
    expect(await uses(gone.id)).toEqual([
      [[image], true],
      [[], false],
    ]);
    expect(await uses(left.id)).toEqual([
      [[other], true],
      [[], false],
    ]);
    expect((await page(productId)).items).toMatchObject([{ author: 'Deleted user', images: [] }]);
  });
});
