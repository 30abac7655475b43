import { v7 as uuidv7 } from 'uuid';
import { expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import { scratchDatabase } from '#libs/testing/scratch-database';
import { ConsentsOfTheErased1764001500000 } from '../migrations/1764001500000-consents-of-the-erased.ts';
import { migrations } from '../migrations/auth.migrations.ts';
import { OutgoingMessages } from '../src/outgoing-messages.ts';
import { ToldSecretRepository } from '../src/told-secret.repository.ts';
import { bootAuth, eventsOf, newAddress, newKey } from './auth-fixture.ts';

it('a message that expired or was given up on keeps neither its address nor its code, and still fits its contract', async () => {
  const scratch = await scratchDatabase(migrations);
  const app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  try {
    const database = app.get(Database);
    const due = async (goodForSeconds: number): Promise<string> => {
      const to = newAddress();
      await database.transaction(async (transaction) =>
        app.get(OutgoingMessages).due(transaction, { template: 'password_reset', to, secret: 'a-token', goodForSeconds }),
      );
      return to;
    };
    const [waiting, expired, dead] = [await due(3_600), await due(-120), await due(3_600)];
    await database.execute(sql`UPDATE outbox SET dead_at = now() - interval '2 minutes' WHERE payload::jsonb ->> 'to' = ${dead}`);
    for (let times = 0; times < 2; times += 1) await app.get(ToldSecretRepository).blankUseless();
    expect(await eventsOf(database, authApi.events.messageDue, { to: waiting })).toHaveLength(1);
    for (const to of [expired, dead]) expect(await eventsOf(database, authApi.events.messageDue, { to })).toEqual([]);
    const blanked = await eventsOf(database, authApi.events.messageDue, { to: 'removed' });
    expect(blanked).toHaveLength(2);
    for (const { sealed, expiresAt, template } of blanked) {
      expect([sealed, template]).toEqual(['removed', 'password_reset']);
      expect(new Date(expiresAt).getTime()).toBeLessThanOrEqual(Date.now());
      expect(expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  } finally {
    await app.close();
    await scratch.drop();
  }
});

it('what the erased agreed to loses the network address that it was agreed to from', async () => {
  const scratch = await scratchDatabase(migrations);
  const app = await bootAuth(scratch, { JWT_PRIVATE_KEY: newKey() });
  try {
    const database = app.get(Database);
    const [here, gone] = [uuidv7(), uuidv7()];
    await database.execute(sql`INSERT INTO users (id, name) VALUES (${here}, 'A')`);
    for (const userId of [here, gone])
      await database.execute(
        sql`INSERT INTO consents (id, user_id, purpose, version, granted, ip) VALUES (${uuidv7()}, ${userId}, 'account', 1, true, '10.0.0.1')`,
      );
    const statements: string[] = [];
    const runner = { query: async (text: string) => statements.push(text) };
    await new ConsentsOfTheErased1764001500000().up(runner as never);
    for (const text of statements) await database.execute({ name: 'migration', text, values: [] });
    const rows = await database.rows<{ user_id: string; ip: string | null }>(sql`SELECT user_id, ip FROM consents ORDER BY id`);
    expect(rows).toEqual([
      { user_id: here, ip: '10.0.0.1' },
      { user_id: gone, ip: null },
    ]);
  } finally {
    await app.close();
    await scratch.drop();
  }
});
