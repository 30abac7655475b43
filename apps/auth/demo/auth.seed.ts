import argon2 from 'argon2';
import { v7 as uuidv7 } from 'uuid';
import type { PostalAddress } from '#libs/contracts/auth/views';

import type { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

interface DemoUser {
  readonly role: string;
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly roles: readonly string[];
  readonly address?: PostalAddress;
}

const DEMO_PASSWORD = 'only for the demo shop';

export const isForProduction = true;

/** An admin, and outside production a supporter and two customers. Reports their passwords; never resets one that was changed. */
export async function seed(
  database: Database,
  env: NodeJS.ProcessEnv,
): Promise<{ logins: { role: string; login: string; password: string }[]; people: Map<string, string> }> {
  const isProduction = env.NODE_ENV === 'production';
  if (isProduction && (!env.ADMIN_EMAIL || !env.ADMIN_PASSWORD))
    throw new Error('ADMIN_EMAIL and ADMIN_PASSWORD must be set in production');
  const users: DemoUser[] = [
    {
      role: 'admin',
      email: env.ADMIN_EMAIL || 'admin@only2u.test',
      name: 'Anita Rao',
      password: env.ADMIN_PASSWORD || DEMO_PASSWORD,
      roles: ['customer', 'admin'],
    },
    ...(isProduction ? [] : demoUsers),
  ];
  await Promise.all(users.map((user) => insert(database, user)));
  const rows = await database.rows<{ id: string; email: string }>(
    sql`SELECT id, lower(email) AS email FROM users WHERE lower(email) = ANY(${users.map(({ email }) => email.toLowerCase())}::text[])`,
  );
  return {
    logins: isProduction ? [] : users.map(({ role, email, password }) => ({ role, login: email, password })),
    people: new Map(rows.map(({ id, email }) => [email, id])),
  };
}

const demoUsers: readonly DemoUser[] = [
  { role: 'support', email: 'support@only2u.test', name: 'Joseph Mathew', password: DEMO_PASSWORD, roles: ['customer', 'support'] },
  {
    role: 'customer',
    email: 'asha@only2u.test',
    name: 'Asha Kulkarni',
    password: DEMO_PASSWORD,
    roles: ['customer'],
    address: {
      name: 'Asha Kulkarni',
      phone: '+919845012345',
      line1: '27, 8th Main, Jayanagar 4th Block',
      city: 'Bengaluru',
      state: 'Karnataka',
      pincode: '560011',
      country: 'IN',
    },
  },
  {
    role: 'customer',
    email: 'rahul@only2u.test',
    name: 'Rahul Deshmukh',
    password: DEMO_PASSWORD,
    roles: ['customer'],
    address: {
      name: 'Rahul Deshmukh',
      phone: '+919822054321',
      line1: 'Flat 502, Sahyadri Heights, Kothrud',
      city: 'Pune',
      state: 'Maharashtra',
      pincode: '411038',
      country: 'IN',
    },
  },
];

async function insert(database: Database, { email, name, password, roles, address }: DemoUser): Promise<void> {
  const known = await database.row(sql`SELECT 1 FROM users WHERE lower(email) = lower(${email})`);
  if (known !== undefined) return;
  const hash = await argon2.hash(Buffer.from(password), { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const id = uuidv7();
  await database.transaction(async (transaction) => {
    const inserted = await transaction.execute(sql`
      INSERT INTO users (id, email, name, password_hash, roles, email_verified) VALUES (${id}, ${email}, ${name}, ${hash}, ${roles}, true) ON CONFLICT DO NOTHING`);
    if (inserted === 0 || address === undefined) return;
    await transaction.execute(sql`
      INSERT INTO addresses (id, user_id, name, phone, line1, city, state, pincode, country, is_default)
      VALUES (${uuidv7()}, ${id}, ${address.name}, ${address.phone}, ${address.line1}, ${address.city}, ${address.state}, ${address.pincode}, ${address.country}, true)`);
  });
}
