import { randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { authApi } from '#libs/contracts/auth/api';
import { Refusal } from '#libs/contracts/errors';
import { referralApi } from '#libs/contracts/referral/api';
import type { Chance } from './chance.ts';
import type { World } from './world.ts';

/** One reward for each referrer, and fewer in all than the runs of a world would earn; each is given at the delivery, so that returns come after it. */
export const PROGRAMME = { REFERRAL_CAP: '1', REFERRAL_BUDGET: '100000', REFERRAL_REWARD: '20000', REFERRAL_VEST_SECONDS: '0' } as const;

/** Somebody who brings friends, with their code. */
export async function referrerOf(world: World): Promise<string | undefined> {
  const userId = uuidv7();
  const made = await world.insist(referralApi.operations.generate, { userId }, { token: `customer:${userId}` });
  return made instanceof Refusal ? undefined : made.code;
}

/** Comes by a friend's code, several times at once, and proves an address before or after it. */
export async function join(world: World, code: string, token: string, chance: Chance): Promise<void> {
  const [, userId = ''] = token.split(':');
  const redeem = async (): Promise<void> => {
    await world.insist(referralApi.operations.redeem, { code }, { token, key: randomUUID() });
  };
  const verify = (): Promise<void> =>
    world.tell(authApi.events.contactVerified, 'referral', { userId, kind: 'email', at: new Date().toISOString() });
  const steps = Array.from({ length: chance.between(1, 3) }, () => redeem);
  await Promise.all(chance.shuffled([...steps, verify]).map((step) => step()));
}

interface Kept {
  readonly id: string;
  readonly kept: number;
  readonly isDelivered: boolean;
  readonly hasOpenReturn: boolean;
}

/** Rewards above their limits or of orders that were not kept, coupons that differ from the ledger, and second welcome coupons. */
export async function wrongRewards(world: World): Promise<string[]> {
  const wrong = await world.rows<{ what: string }>(
    'referral',
    `SELECT concat('referrer ', referrer_id, ' has ', sum(sign(amount)), ' rewards') AS what FROM entries
       GROUP BY referrer_id HAVING sum(sign(amount)) > ${PROGRAMME.REFERRAL_CAP}
     UNION ALL SELECT concat('rewards come to ', coalesce(sum(amount), 0), ', spent ', (SELECT spent FROM programme)) FROM entries
       HAVING coalesce(sum(amount), 0) > ${PROGRAMME.REFERRAL_BUDGET} OR coalesce(sum(amount), 0) <> (SELECT spent FROM programme)
     UNION ALL SELECT concat('referrer ', user_id, ' counts ', rewards) FROM members
       WHERE rewards <> coalesce((SELECT sum(sign(amount)) FROM entries WHERE referrer_id = user_id), 0)
     UNION ALL SELECT concat('referral ', id, ' is ', stage, ' with entries of ', coalesce(earned, 0)) FROM referrals
       LEFT JOIN (SELECT referral_id, sum(amount) AS earned FROM entries GROUP BY referral_id) AS ledger ON referral_id = id
       WHERE (stage = 'rewarded') <> (coalesce(earned, 0) > 0)
     UNION ALL SELECT concat('of ', earned, ' that ', referrer_id, ' earned, ', coalesce(given, 0), ' are coupons')
       FROM (SELECT referrer_id, sum(amount) AS earned FROM entries GROUP BY referrer_id) AS ledger
       LEFT JOIN (SELECT referrer_id, sum(amount) AS given FROM reward_coupons WHERE state IN ('given', 'used') GROUP BY referrer_id) AS coupons
         USING (referrer_id)
       WHERE earned > coalesce(given, 0)
         OR (earned < coalesce(given, 0) AND NOT EXISTS (SELECT FROM reward_coupons r WHERE r.referrer_id = ledger.referrer_id AND r.state = 'used'))
     UNION ALL SELECT concat('referral ', id, ' has no welcome coupon') FROM referrals JOIN members ON user_id = referee_id
       WHERE verified_at IS NOT NULL AND welcome_code IS NULL AND NOT is_held AND stage <> 'cancelled'`,
  );
  return [...wrong.map(({ what }) => what), ...(await wrongStages(world)), ...(await wrongCoupons(world))];
}

/** What the orders of friends say, against what became of their referrals. */
async function wrongStages(world: World): Promise<string[]> {
  const referrals = await world.rows<{ id: string; stage: string; is_held: boolean; order_id: string }>(
    'referral',
    'SELECT id, stage, is_held, order_id FROM referrals WHERE order_id IS NOT NULL',
  );
  const orders = await world.rows<Kept>(
    'order',
    `SELECT id, (subtotal - discount - credited)::float8 AS kept, delivered_at IS NOT NULL AS "isDelivered",
       status = 'return_requested' AS "hasOpenReturn" FROM orders WHERE id = ANY($1::uuid[])`,
    [referrals.map(({ order_id }) => order_id)],
  );
  const byId = new Map(orders.map((one) => [one.id, one]));
  return referrals.flatMap(({ id, stage, is_held, order_id }) => {
    const order = byId.get(order_id);
    if (order === undefined) return [`referral ${id} counts an order that there is not`];
    const { kept, isDelivered, hasOpenReturn } = order;
    if (stage === 'rewarded' && !(isDelivered && kept >= 1)) return [`referral ${id} is rewarded, ${kept} paise are kept`];
    if (stage === 'delivered' && isDelivered && !hasOpenReturn && !is_held)
      return [`referral ${id} was never decided, ${kept} paise are kept`];
    return [];
  });
}

/** One welcome coupon a friend at most, and each coupon of the ledger as it says. */
async function wrongCoupons(world: World): Promise<string[]> {
  const friends = await world.rows<{ referee_id: string }>('referral', 'SELECT referee_id FROM referrals');
  const doubled = await world.rows<{ user_id: string; count: number }>(
    'coupon',
    `SELECT user_ids[1] AS user_id, count(*)::int AS count FROM coupons
     WHERE user_ids[1] = ANY($1::uuid[]) AND rules ->> 'firstOrderOnly' = 'true' GROUP BY 1 HAVING count(*) > 1`,
    [friends.map(({ referee_id }) => referee_id)],
  );
  const told = await world.rows<{ coupon_id: string; amount: string; state: string }>(
    'referral',
    "SELECT coupon_id, amount, state FROM reward_coupons WHERE state IN ('given', 'withdrawn', 'used') AND coupon_id IS NOT NULL",
  );
  const made = await world.rows<{ id: string; value: string; is_withdrawn: boolean }>(
    'coupon',
    'SELECT id, value, withdrawn_at IS NOT NULL AS is_withdrawn FROM coupons WHERE id = ANY($1::uuid[])',
    [told.map(({ coupon_id }) => coupon_id)],
  );
  const byId = new Map(made.map((one) => [one.id, one]));
  return [
    ...doubled.map(({ user_id, count }) => `friend ${user_id} has ${count} welcome coupons`),
    ...told.flatMap(({ coupon_id, amount, state }) => {
      const coupon = byId.get(coupon_id);
      if (coupon === undefined) return [`coupon ${coupon_id} is ${state} and was never made`];
      const isRight = Number(coupon.value) === Number(amount) && coupon.is_withdrawn === (state === 'withdrawn');
      return isRight ? [] : [`coupon ${coupon_id} of ${amount} is ${state}, and is of ${coupon.value}, withdrawn ${coupon.is_withdrawn}`];
    }),
  ];
}
