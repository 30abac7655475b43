import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Referral1764900400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tasks, reward_coupons, entries, holds, orders, referrals, devices, visits, members, programme');
  }
}

const STATEMENTS = [
  // What was heard of users, and what referrers have. The row is also the lock under which the rewards of a referrer take turns.
  `CREATE TABLE members (
    user_id uuid PRIMARY KEY,
    -- Null before it is generated, and once the account is erased.
    code text UNIQUE,
    verified_at timestamptz,
    is_disabled boolean NOT NULL DEFAULT false,
    account_version bigint NOT NULL DEFAULT -1,
    is_erased boolean NOT NULL DEFAULT false,
    -- Rewards less reversals.
    rewards integer NOT NULL DEFAULT 0 CHECK (rewards >= 0)
  )`,
  `CREATE TABLE programme (
    is_it boolean PRIMARY KEY DEFAULT true CHECK (is_it),
    spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0)
  )`,
  'INSERT INTO programme DEFAULT VALUES',
  `CREATE TABLE visits (
    referrer_id uuid NOT NULL,
    visitor_id text NOT NULL,
    first_at timestamptz NOT NULL DEFAULT now(),
    last_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (referrer_id, visitor_id)
  )`,
  'CREATE INDEX visits_of_visitor ON visits (visitor_id)',
  'CREATE INDEX visits_by_day ON visits (first_at)',
  `CREATE TABLE devices (
    user_id uuid NOT NULL,
    -- Keyed, so that a copy of the database tells no device.
    hash text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, hash)
  )`,
  'CREATE INDEX devices_by_hash ON devices (hash, seen_at)',
  `CREATE TABLE referrals (
    id uuid PRIMARY KEY,
    referrer_id uuid NOT NULL,
    -- One referrer for life.
    referee_id uuid NOT NULL UNIQUE,
    joined_at timestamptz NOT NULL,
    stage text NOT NULL DEFAULT 'joined' CHECK (stage IN ('joined', 'ordered', 'delivered', 'rewarded', 'capped', 'cancelled')),
    is_held boolean NOT NULL DEFAULT false,
    has_ordered boolean NOT NULL DEFAULT false,
    -- The order that counts, and the last that was compared with the referrer's address and instruments.
    order_id uuid,
    checked_order_id uuid,
    vests_at timestamptz,
    welcome_value bigint NOT NULL,
    welcome_coupon_id uuid,
    welcome_code text,
    welcome_ends_at timestamptz
  )`,
  'CREATE INDEX referrals_of_referrer ON referrals (referrer_id, joined_at, id)',
  'CREATE INDEX referrals_by_day ON referrals (joined_at)',
  // Orders of friends, as the highest version says; that it was confirmed and delivered stays true.
  `CREATE TABLE orders (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referrals (id) ON DELETE CASCADE,
    version integer NOT NULL,
    status text NOT NULL,
    kept bigint NOT NULL,
    has_open_return boolean NOT NULL,
    was_confirmed boolean NOT NULL,
    delivered_at timestamptz
  )`,
  'CREATE INDEX orders_of_referral ON orders (referral_id)',
  `CREATE TABLE holds (
    id uuid PRIMARY KEY,
    referral_id uuid NOT NULL REFERENCES referrals (id) ON DELETE CASCADE,
    reasons text[] NOT NULL,
    status text NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'approved', 'rejected')),
    note text,
    decided_by uuid,
    held_at timestamptz NOT NULL DEFAULT now()
  )`,
  "CREATE UNIQUE INDEX one_open_hold_each ON holds (referral_id) WHERE status = 'held'",
  'CREATE INDEX holds_of_referral ON holds (referral_id)',
  'CREATE INDEX holds_by_status ON holds (status, id)',
  // The ledger: nothing in it ever changes.
  `CREATE TABLE entries (
    id uuid PRIMARY KEY,
    referrer_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reward', 'reversal')),
    amount bigint NOT NULL CHECK (amount <> 0 AND (amount > 0) = (kind = 'reward')),
    made_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (referral_id, kind)
  )`,
  'CREATE INDEX entries_of_referrer ON entries (referrer_id, id) INCLUDE (amount)',
  'CREATE INDEX entries_by_day ON entries (made_at)',
  // What of a balance is given as a coupon. due: it is to be issued. withdrawing: its reward was reversed. used: it was too late for that.
  `CREATE TABLE reward_coupons (
    id uuid PRIMARY KEY,
    referrer_id uuid NOT NULL,
    entry_id uuid NOT NULL REFERENCES entries (id),
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'given', 'withdrawing', 'withdrawn', 'used')),
    -- Somebody has asked for it, so that it may be there though nobody has noted it.
    was_asked_for boolean NOT NULL DEFAULT false,
    coupon_id uuid,
    code text,
    ends_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX reward_coupons_of_referrer ON reward_coupons (referrer_id) INCLUDE (amount, state)',
  'CREATE INDEX reward_coupons_of_entry ON reward_coupons (entry_id)',
  // What is still to be done, mostly by asking others. asked counts how often it was asked for, so that a late end does not undo a new start.
  `CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    about text,
    asked integer NOT NULL DEFAULT 1,
    due_at timestamptz NOT NULL DEFAULT now(),
    tries integer NOT NULL DEFAULT 0,
    UNIQUE (kind, subject_id)
  )`,
  'CREATE INDEX tasks_due ON tasks (due_at)',
  'CREATE INDEX tasks_of_subject ON tasks (subject_id)',
];
