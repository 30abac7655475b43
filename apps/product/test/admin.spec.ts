import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NewProduct } from '#libs/contracts/product/admin';
import type { Picture, ProductDetail } from '#libs/contracts/product/views';
import { sql } from '#libs/persistence/sql';
import { adminCall, ownFiles, ProductFixture } from './product-fixture.ts';

let fixture: ProductFixture;
beforeAll(async () => {
  fixture = await ProductFixture.start();
});
afterAll(() => fixture?.stop());

const call = adminCall();
const red = { size: 'M', color: 'Red', price: 50_000, mrp: 60_000 };
const rejected = (code: string) => expect.objectContaining({ status: 'rejected', reason: expect.objectContaining({ code }) });

describe('products', () => {
  it('created at the same time under one name get slugs of their own', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => fixture.product([], { name: 'Same Name' })));
    expect(new Set(made.map(({ slug }) => slug)).size).toBe(12);
    expect(made.map(({ slug }) => slug)).toContain('same-name');
  });

  it('get a slug that no route and no id is taken for', async () => {
    const [search, id, hindi] = await Promise.all(['Search', uuidv7(), 'कुर्ता'].map((name) => fixture.product([], { name })));
    expect(search?.slug).toMatch(/^search-[0-9a-f]+$/);
    expect(id?.slug).toMatch(/^[0-9a-f-]{36}-[0-9a-f]+$/);
    expect(hindi?.slug).toMatch(/^product-[0-9a-f]+$/);
  });

  it('keep their slug when they are renamed', async () => {
    const made = await fixture.product([red], { name: 'Before' });
    const edited = await fixture.replica.admin.edit({ id: made.id, name: '  After ', attributes: { fit: 'a \ud800 lone half' } }, call);
    expect(edited).toMatchObject({ name: 'After', slug: made.slug, brand: made.brand });
    expect(await fixture.replica.shop.detail({ id: made.slug })).toEqual(edited);
  });

  it('are refused whole: an unknown category, a price above the MRP, a taken SKU or choice', async () => {
    const taken = await fixture.product([{ ...red, sku: 'TAKEN-1' }]);
    await expect(fixture.product([], { categoryId: uuidv7() })).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(fixture.product([{ ...red, mrp: 49_999 }])).rejects.toMatchObject({ code: 'product.price_above_mrp' });
    await expect(fixture.product([{ ...red, sku: 'TAKEN-1' }], { name: 'Never Made' })).rejects.toMatchObject({
      code: 'product.sku_taken',
    });
    await expect(fixture.product([{ ...red, sku: 'taken-1' }])).rejects.toMatchObject({ code: 'product.sku_taken' });
    const other = await fixture.product([{ ...red, sku: 'Mixed-1' }]);
    const mixed = { id: other.id, variantId: other.variants[0]?.id as string };
    await expect(fixture.replica.admin.editVariant({ ...mixed, sku: 'tAKEN-1' }, call)).rejects.toMatchObject({
      code: 'product.sku_taken',
    });
    expect((await fixture.replica.admin.editVariant({ ...mixed, sku: 'MIXED-1' }, call)).variants[0]?.sku).toBe('MIXED-1');
    await expect(fixture.product([red, { ...red, size: 'm' }])).rejects.toMatchObject({ code: 'product.option_taken' });
    await expect(fixture.replica.shop.detail({ id: 'never-made' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(fixture.replica.admin.edit({ id: taken.id, categoryId: uuidv7() }, call)).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(fixture.replica.admin.edit({ id: uuidv7(), name: 'x' }, call)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('show own files of storage, tell it which, and let go of those that they show no more', async () => {
    const [one, two, foreign] = [uuidv7(), uuidv7(), uuidv7()];
    ownFiles.add(one).add(two);
    const addressOf = (id: string) => `/api/storage/${id}/content`;
    const told = async (id: string) => {
      const rows = await fixture.replica.database.rows<{ payload: string }>(sql`
        SELECT payload FROM outbox WHERE event = 'product.filesUsed' AND payload LIKE ${`%"ref":"${id}"%`} ORDER BY created_at, id`);
      return rows.map(({ payload }) => JSON.parse(payload)).map(({ fileIds, version, shown }) => ({ fileIds, version, shown }));
    };
    const made = await fixture.product([red], {
      images: [
        { fileId: one, alt: 'front' },
        { url: '/media/x.svg', alt: 'drawn' },
      ],
    });
    expect(made.images.map(({ url }) => url)).toEqual([addressOf(one), '/media/x.svg']);
    expect(await told(made.id)).toEqual([{ fileIds: [one], version: 1, shown: true }]);
    // What it shows may stay, also by its address and for another admin; the order is the one that is sent.
    ownFiles.delete(one);
    const { admin } = fixture.replica;
    const edited = await admin.edit(
      {
        id: made.id,
        images: [
          { fileId: two, alt: 'back' },
          { url: addressOf(one), alt: 'front' },
        ],
      },
      call,
    );
    expect(edited.images.map(({ url }) => url)).toEqual([addressOf(two), addressOf(one)]);
    for (const images of [
      [{ url: 'https://shop.example:99999/x.jpg', alt: 'at a port that is none' }],
      [{ fileId: foreign, alt: '' }],
      [{ url: addressOf(foreign), alt: '' }],
      [{ alt: 'neither' }],
      [{ fileId: two, url: '/media/x.svg', alt: 'both' }],
    ])
      await expect(admin.edit({ id: made.id, images }, call)).rejects.toMatchObject({ code: 'validation_failed' });
    await admin.edit({ id: made.id, images: [{ fileId: two, alt: 'back' }] }, call);
    await admin.remove({ id: made.id }, call);
    expect(await told(made.id)).toEqual([
      { fileIds: [one], version: 1, shown: true },
      { fileIds: [two, one], version: 2, shown: true },
      { fileIds: [two], version: 3, shown: true },
      { fileIds: [], version: 4, shown: false },
    ]);
  });

  it('give their slug and SKUs free when they are withdrawn, and their orders keep naming the rows', async () => {
    const withdrawn = await fixture.product([{ ...red, sku: 'FREED-2', onHand: 1 }], { name: 'Freed Kurta' });
    const variantId = withdrawn.variants[0]?.id as string;
    const orderId = uuidv7();
    await fixture.replica.reservations.reserve({ orderId, lines: [{ variantId, quantity: 1 }], ttlSeconds: 60 });
    await fixture.replica.admin.remove({ id: withdrawn.id }, call);
    const again = await fixture.product([{ ...red, sku: 'FREED-2' }], { name: 'Freed Kurta' });
    expect([again.slug, again.variants[0]?.sku]).toEqual(['freed-kurta', 'FREED-2']);
    expect(await fixture.replica.shop.detail({ id: 'freed-kurta' })).toEqual(again);
    await expect(fixture.replica.shop.detail({ id: withdrawn.id })).rejects.toMatchObject({ code: 'not_found' });
    expect(await fixture.replica.reservations.commit({ orderId })).toEqual({ committed: true });
    expect(await fixture.stockOf(variantId)).toEqual({ onHand: 0, reserved: 0 });
  });

  it('never get a slug that means something else below /products', async () => {
    for (const name of ['Search', 'Trending!', 'suggest', 'IMPORT']) {
      const { slug } = await fixture.product([red], { name });
      expect(slug).toMatch(/^(search|trending|suggest|import)-[0-9a-f]+$/);
    }
  });

  it('show the pictures of a colour with its variants, and that of the cheapest variant first', async () => {
    const [mint, pink, both] = ['mint', 'pink', 'both'].map((name) => ({ url: `/media/${name}.jpg`, alt: name })) as [
      Picture,
      Picture,
      Picture,
    ];
    const variants = [
      { size: 'M', color: 'Mint', price: 79_900, mrp: 79_900 },
      { size: 'M', color: 'Pink', price: 69_900, mrp: 79_900 },
    ];
    const images = [{ ...mint, color: 'mint' }, both, { ...pink, color: 'Pink' }];
    const made = await fixture.product(variants, { images });
    const variantOf = (color: string, { variants: all }: ProductDetail = made) => all.find((variant) => variant.color === color);
    expect(made).toMatchObject({ variantId: variantOf('Pink')?.id, price: 69_900, priceVaries: true, images: [pink, mint, both] });
    expect([variantOf('Mint')?.images, variantOf('Pink')?.images]).toEqual([[mint], [pink]]);
    const { admin } = fixture.replica;
    const cheaper = await admin.editVariant({ id: made.id, variantId: variantOf('Mint')?.id as string, price: 59_900 }, call);
    expect(cheaper).toMatchObject({ variantId: variantOf('Mint')?.id, price: 59_900, images: [mint, both, pink] });
    await admin.removeVariant({ id: made.id, variantId: variantOf('Pink')?.id as string }, call);
    expect(await fixture.replica.shop.detail({ id: made.id })).toMatchObject({ priceVaries: false, images: [mint, both, pink] });
    const repainted = await admin.edit({ id: made.id, images: [both, { ...pink, color: 'Mint' }] }, call);
    expect(repainted).toMatchObject({ images: [pink, both] });
    expect(variantOf('Mint', repainted)?.images).toEqual([pink]);
    expect(await admin.addVariant({ id: made.id, size: 'L', color: 'MINT', price: 49_900, mrp: 49_900 }, call)).toMatchObject({
      images: [pink, both],
      price: 49_900,
    });
  });

  it('show, among equally cheap variants, one that is in stock', async () => {
    const made = await fixture.product([
      { ...red, size: 'S' },
      { ...red, size: 'M', onHand: 1 },
    ]);
    const inStock = made.variants.find(({ size }) => size === 'M')?.id as string;
    expect((await fixture.replica.shop.detail({ id: made.id })).variantId).toBe(inStock);
    await fixture.replica.reservations.reserve({ orderId: uuidv7(), lines: [{ variantId: inStock, quantity: 1 }], ttlSeconds: 60 });
    expect((await fixture.replica.shop.detail({ id: made.id })).variantId).toBe(made.variants.find(({ size }) => size === 'S')?.id);
  });

  it('take pictures of other hosts from the allowed ones only, once there are any', async () => {
    const strict = await fixture.another(undefined, { IMAGE_ORIGINS: 'https://cdn.example.com,https://img.example.com:8443' });
    const input = { ...new NewProduct(), name: 'Framed', brand: 'Aaranya', categoryId: fixture.categoryId };
    const withPicture = (url: string) => strict.admin.create({ ...input, images: [{ url, alt: '' }] }, call);
    for (const url of ['https://cdn.example.com/a.jpg', 'https://img.example.com:8443/a.jpg', '/media/a.jpg'])
      expect((await withPicture(url)).images).toEqual([{ url, alt: '' }]);
    for (const url of ['https://img.example.com/a.jpg', 'https://cdn.example.com.evil.example/a.jpg'])
      await expect(withPicture(url)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('are made once under one idempotency key', async () => {
    const key = uuidv7();
    const input = {
      name: 'Keyed',
      description: '',
      brand: 'Aaranya',
      categoryId: fixture.categoryId,
      images: [],
      attributes: {},
      variants: [red],
    };
    const made = await Promise.all(Array.from({ length: 4 }, () => fixture.replica.admin.create(input, adminCall(key))));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });
});

describe('variants', () => {
  it('of one size and colour are made once, however many ask at the same time', async () => {
    const { id } = await fixture.product([]);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => fixture.replica.admin.addVariant({ id, ...red }, call)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual(
      Array.from({ length: 7 }, () => rejected('product.option_taken')),
    );
  });

  it('give their SKU, size and colour free when they are withdrawn', async () => {
    const made = await fixture.product([{ ...red, sku: 'FREED-1' }]);
    await fixture.replica.admin.removeVariant({ id: made.id, variantId: made.variants[0]?.id as string }, call);
    const again = await fixture.replica.admin.addVariant({ id: made.id, ...red, sku: 'FREED-1', price: 40_000 }, call);
    expect(again.variants).toMatchObject([{ sku: 'FREED-1' }]);
    expect(again.price).toBe(40_000);
  });

  it('are found below their own product only', async () => {
    const [one, other] = [await fixture.product([red]), await fixture.product([red])];
    const ref = { id: other.id, variantId: one.variants[0]?.id as string };
    const { admin, stock } = fixture.replica;
    const answers = await Promise.allSettled([
      admin.editVariant({ ...ref, price: 100 }, call),
      admin.removeVariant(ref, call),
      stock.stock(ref),
    ]);
    expect(answers).toEqual(Array.from({ length: 3 }, () => rejected('not_found')));
  });

  it('change price and MRP together, and never to a price above the MRP', async () => {
    const made = await fixture.product([red]);
    const ref = { id: made.id, variantId: made.variants[0]?.id as string };
    const { admin } = fixture.replica;
    await expect(admin.editVariant({ ...ref, price: 60_001 }, call)).rejects.toMatchObject({ code: 'product.price_above_mrp' });
    await expect(admin.editVariant({ ...ref, mrp: 49_999 }, call)).rejects.toMatchObject({ code: 'product.price_above_mrp' });
    expect(await admin.editVariant({ ...ref, price: 70_000, mrp: 80_000, color: 'Maroon' }, call)).toMatchObject({
      price: 70_000,
      mrp: 80_000,
      variants: [{ size: 'M', color: 'Maroon' }],
    });
  });
});

describe('categories', () => {
  const create = (name: string, parentId: string | null = null) => fixture.replica.categories.createCategory({ name, parentId }, call);
  const move = (id: string, parentId: string | null) => fixture.replica.categories.editCategory({ id, parentId }, call);

  it('give their slug free when they are removed', async () => {
    const { categories } = fixture.replica;
    const input = { name: 'Short Lived', slug: 'short-lived' };
    const removed = await categories.createCategory(input, call);
    await expect(categories.createCategory(input, call)).rejects.toMatchObject({ code: 'product.slug_taken' });
    await categories.removeCategory({ id: removed.id }, call);
    expect(await categories.createCategory(input, call)).toMatchObject({ slug: 'short-lived' });
  });

  it('never close a circle, not even by two moves at the same time', async () => {
    const [a, b] = [await create('Circle A'), await create('Circle B')];
    const answers = await Promise.allSettled([move(a.id, b.id), move(b.id, a.id), move(a.id, a.id)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([
      rejected('product.category_cycle'),
      rejected('product.category_cycle'),
    ]);
  });

  it('move with all below them', async () => {
    const [top, middle, elsewhere] = [await create('Top'), await create('Middle'), await create('Elsewhere')];
    const leaf = await create('Leaf', middle.id);
    await move(middle.id, top.id);
    const product = await fixture.product([red], { categoryId: leaf.id });
    const variantIds = [product.variants[0]?.id as string];
    const ancestry = async () => (await fixture.replica.shop.quote({ variantIds })).items[0]?.categoryIds;
    expect(await ancestry()).toEqual([top.id, middle.id, leaf.id]);
    await move(middle.id, elsewhere.id);
    expect(await ancestry()).toEqual([elsewhere.id, middle.id, leaf.id]);
    const { items } = await fixture.replica.shop.categories({});
    expect(items.find(({ id }) => id === elsewhere.id)?.children[0]?.children[0]?.id).toBe(leaf.id);
    expect(items.find(({ id }) => id === top.id)?.children).toEqual([]);
  });

  it('are at most twenty levels deep', async () => {
    let parent: string | null = null;
    for (let level = 1; level <= 20; level += 1) parent = (await create(`Level ${level}`, parent)).id;
    await expect(create('Level 21', parent)).rejects.toMatchObject({ code: 'validation_failed' });
    const two = await create('Two');
    await create('Below two', two.id);
    await expect(move(two.id, parent)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('have slugs of their own: a given one that is taken is refused, a made one differs', async () => {
    const [one, two] = await Promise.all([create('Twins'), create('Twins')]);
    expect(one?.slug).not.toBe(two?.slug);
    await expect(fixture.replica.categories.createCategory({ name: 'x', slug: 'twins' }, call)).rejects.toMatchObject({
      code: 'product.slug_taken',
    });
    const other = await create('Other twin');
    await expect(fixture.replica.categories.editCategory({ id: other.id, slug: 'twins' }, call)).rejects.toMatchObject({
      code: 'product.slug_taken',
    });
  });

  it('in use are not removed; withdrawn products do not count', async () => {
    const parent = await create('In use');
    const child = await create('Child', parent.id);
    const remove = (id: string) => fixture.replica.categories.removeCategory({ id }, call);
    await expect(remove(parent.id)).rejects.toMatchObject({ code: 'product.category_in_use' });
    const product = await fixture.product([red], { categoryId: child.id });
    await expect(remove(child.id)).rejects.toMatchObject({ code: 'product.category_in_use' });
    await fixture.replica.admin.remove({ id: product.id }, call);
    await remove(child.id);
    await remove(parent.id);
    await expect(remove(parent.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
