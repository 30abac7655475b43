import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { anAddress } from '#libs/testing/builders';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { migrations } from '../migrations/auth.migrations.ts';
import { AddressHandlers } from '../src/address.handlers.ts';
import { DirectoryHandlers } from '../src/directory.handlers.ts';
import { SignInHandlers } from '../src/sign-in.handlers.ts';
import type { Issued } from '../src/token-issuer.ts';
import { anonymous, as, bootAuth, newAddress, newKey, PASSWORD } from './auth-fixture.ts';

let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let database: Database;
let directory: DirectoryHandlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  database = app.get(Database);
  directory = app.get(DirectoryHandlers);
});
afterAll(async () => {
  await app.close();
  await scratch.drop();
});

const register = (email = newAddress(), phone?: string): Promise<Issued> =>
  app.get(SignInHandlers).register({ email, password: PASSWORD, name: 'Asha', ...(phone === undefined ? {} : { phone }) }, anonymous());
const change = (who: Issued, assignment: ReturnType<typeof sql>) =>
  database.execute(sql`UPDATE users SET ${assignment} WHERE id = ${who.user.id}`);

describe('other services', () => {
  it('are told of people they know, and nothing of those that are unknown', async () => {
    const [one, other] = [await register(), await register()];
    await change(other, sql`email_verified = true, disabled = true`);
    const { items } = await directory.people({ userIds: [one.user.id, other.user.id, uuidv7()] });
    expect(items).toHaveLength(2);
    expect(items).toContainEqual({
      ...{ userId: one.user.id, name: 'Asha', roles: ['customer'], disabled: false, verified: false, createdAt: one.user.createdAt },
    });
    expect(items.find(({ userId }) => userId === other.user.id)).toMatchObject({ disabled: true, verified: true });
  });

  it('are told where a message goes, and whether that address was proved', async () => {
    const one = await register(newAddress(), '+919876500001');
    await change(one, sql`phone_verified = true`);
    expect(await directory.contacts({ userIds: [one.user.id] })).toEqual({
      items: [
        {
          ...{ userId: one.user.id, email: one.user.email, emailVerified: false, phone: '+919876500001', phoneVerified: true },
          ...{ name: 'Asha', disabled: false },
        },
      ],
    });
  });

  it('walk all accounts page by page, each once, or those that came since a time', async () => {
    const since = new Date();
    const made = [await register(), await register(), await register()].map(({ user }) => user.id);
    const walk = async (registeredSince?: string): Promise<string[]> => {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const { userIds, next } = await directory.accounts({
          limit: 2,
          ...(after === undefined ? {} : { after }),
          ...(registeredSince === undefined ? {} : { registeredSince }),
        });
        seen.push(...userIds);
        after = next ?? undefined;
      } while (after !== undefined);
      return seen;
    };
    expect((await walk(since.toISOString())).sort()).toEqual(made.toSorted());
    const all = await walk();
    expect([all.length, new Set(all).size]).toEqual([all.length, all.length]);
    expect(all).toEqual(expect.arrayContaining(made));
  });

  it('are told who is staff now: support and admins who are not disabled', async () => {
    const [support, admin, gone, customer] = [await register(), await register(), await register(), await register()];
    await change(support, sql`roles = '{customer,support}'`);
    await change(admin, sql`roles = '{admin}'`);
    await change(gone, sql`roles = '{support}', disabled = true`);
    const { userIds } = await directory.staff();
    expect([support, admin, gone, customer].map(({ user }) => userIds.includes(user.id))).toEqual([true, true, false, false]);
  });

  it('are told of one person behind two accounts: the same number, or the same mailbox in another spelling', async () => {
    const tag = uuidv7().slice(-12);
    const one = await register(`meera.${tag}@gmail.com`, '+919876500002');
    const sameBox = await register(`Meera${tag}+shop@googlemail.com`);
    const samePhone = await register(newAddress(), '+919876500002');
    const stranger = await register(`meera.${tag}@example.com`);
    const same = async (other: Issued): Promise<boolean> =>
      (await directory.sameContact({ userId: one.user.id, otherId: other.user.id })).same;
    expect([await same(sameBox), await same(samePhone), await same(stranger)]).toEqual([true, true, false]);
    expect(await directory.sameContact({ userId: one.user.id, otherId: uuidv7() })).toEqual({ same: false });
  });

  it('are told of a saved place however its line is written', async () => {
    const one = await register();
    await app.get(AddressHandlers).addAddress(anAddress({ line1: '14, 3rd Cross', pincode: '560038' }), as(one));
    const same = async (line1: string, pincode: string): Promise<boolean> =>
      (await directory.sameAddress({ userId: one.user.id, line1, pincode })).same;
    expect([await same('14 3RD CROSS.', '560038'), await same('14, 3rd Cross', '560001'), await same('15, 3rd Cross', '560038')]).toEqual([
      ...[true, false, false],
    ]);
  });
});
