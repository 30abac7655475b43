import type { CouponTerms, CreateCoupon, UpdateCoupon } from '#libs/contracts/coupon/api';
import type { BuyRule, CouponKind, GetRule } from '#libs/contracts/coupon/views';
import { invalid } from '#libs/contracts/errors';
import { PAYMENT_METHODS } from '#libs/contracts/order/views';
import type { NewCoupon } from './coupon.repository.ts';
import { CODE, type CouponRow, normalised, type Rules, randomCode } from './coupon.ts';

type Problem = { path: string; message: string };

/** A coupon from an admin's input. @throws Refusal `validation_failed` for terms that cannot work. */
export function newCoupon(input: CreateCoupon): NewCoupon {
  const code = input.code === undefined ? randomCode() : normalised(input.code);
  const problems = problemsOf(input);
  if (!CODE.test(code)) problems.push({ path: 'code', message: 'must be 3 to 40 letters, digits, - and _; spaces do not count' });
  if (problems.length > 0) throw invalid(problems);
  return { ...fromTerms(input), code, automatic: input.automatic ?? false };
}

/** The terms of a bulk job, checked before it starts. `path`: where they stand in the input. */
export function checkTerms(terms: CouponTerms, path: string): void {
  const problems = problemsOf(terms).map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
  if (terms.public === true)
    problems.push({ path: `${path}.public`, message: 'must be false: codes of a bulk job are given out one by one' });
  if (problems.length > 0) throw invalid(problems);
}

export function fromTerms(terms: CouponTerms): Omit<NewCoupon, 'code' | 'automatic'> {
  return {
    kind: terms.kind,
    value: terms.value,
    rules: rulesOf(terms),
    user_ids: terms.userIds ?? null,
    starts_at: new Date(terms.startsAt),
    ends_at: new Date(terms.endsAt),
    usage_limit: terms.usageLimit ?? null,
    per_user_limit: terms.perUserLimit ?? null,
    budget: terms.budget ?? null,
    stackable: terms.stackable ?? false,
    public: terms.public ?? false,
    active: terms.active ?? true,
  };
}

/** Absent leaves as it is, null removes. */
export function changed(row: CouponRow, input: UpdateCoupon): NewCoupon {
  const { id: _id, ...change } = input;
  const known: Record<string, unknown> = {
    ...row.rules,
    userIds: row.user_ids ?? undefined,
    usageLimit: row.usage_limit ?? undefined,
    perUserLimit: row.per_user_limit ?? undefined,
    budget: row.budget ?? undefined,
    value: row.value,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    stackable: row.stackable,
    public: row.public,
    active: row.active,
  };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete known[name];
    else if (value !== undefined) known[name] = value;
  }
  // Made of a stored coupon and a checked change, so it has the shape of terms.
  const terms = { ...known, kind: row.kind } as unknown as CouponTerms;
  const problems = problemsOf(terms);
  if (problems.length > 0) throw invalid(problems);
  return { ...fromTerms(terms), code: row.code, automatic: row.automatic };
}

function rulesOf(terms: CouponTerms): Rules {
  const { buy, get, maxDiscount, minSubtotal, appliesTo, firstOrderOnly, paymentMethods } = terms;
  return {
    ...(buy && { buy: { quantity: buy.quantity } }),
    ...(get && { get: { quantity: get.quantity, percent: get.percent } }),
    ...(maxDiscount !== undefined && { maxDiscount }),
    ...(minSubtotal !== undefined && { minSubtotal }),
    ...(appliesTo && {
      appliesTo: {
        ...(appliesTo.categoryIds && { categoryIds: appliesTo.categoryIds }),
        ...(appliesTo.productIds && { productIds: appliesTo.productIds }),
        ...(appliesTo.brands && { brands: appliesTo.brands }),
      },
    }),
    ...(firstOrderOnly === true && { firstOrderOnly }),
    ...(paymentMethods && { paymentMethods }),
  };
}

interface Valued {
  readonly kind: CouponKind;
  readonly value: number;
  readonly buy?: BuyRule;
  readonly get?: GetRule;
}

function problemsOf(terms: CouponTerms): Problem[] {
  const problems = valueProblems(terms);
  const startsAt = Date.parse(terms.startsAt);
  const endsAt = Date.parse(terms.endsAt);
  if (Number.isNaN(startsAt)) problems.push({ path: 'startsAt', message: 'must be a time' });
  if (Number.isNaN(endsAt)) problems.push({ path: 'endsAt', message: 'must be a time' });
  if (endsAt <= startsAt) problems.push({ path: 'endsAt', message: 'must be after startsAt' });
  const methods: readonly string[] = PAYMENT_METHODS;
  if (terms.paymentMethods?.some((method) => !methods.includes(method)) || terms.paymentMethods?.length === 0)
    problems.push({ path: 'paymentMethods', message: `must name some of ${PAYMENT_METHODS.join(', ')}` });
  if (terms.appliesTo !== undefined && Object.values(terms.appliesTo).every((list) => list === undefined || list.length === 0))
    problems.push({ path: 'appliesTo', message: 'must name categories, products or brands' });
  if (terms.appliesTo?.brands?.some((brand) => brand.includes('\0')))
    problems.push({ path: 'appliesTo.brands', message: 'may not contain a null character' });
  if (terms.public === true && terms.userIds !== undefined)
    problems.push({ path: 'public', message: 'must be false for a coupon of certain users' });
  return problems;
}

function valueProblems({ kind, value, buy, get }: Valued): Problem[] {
  const problems: Problem[] = [];
  if (kind === 'percent' && (value < 1 || value > 100)) problems.push({ path: 'value', message: 'must be a whole percent from 1 to 100' });
  if (kind === 'fixed' && value < 1) problems.push({ path: 'value', message: 'must be at least 1 paisa' });
  if (kind === 'free_shipping' && value !== 0) problems.push({ path: 'value', message: 'must be 0 for free shipping' });
  if (kind === 'buy_x_get_y') {
    if (value !== 0) problems.push({ path: 'value', message: 'must be 0; get.percent says what is saved' });
    if (buy === undefined) problems.push({ path: 'buy', message: 'must say how many are bought' });
    if (get === undefined) problems.push({ path: 'get', message: 'must say how many are rewarded, and by how much' });
  } else {
    if (buy !== undefined) problems.push({ path: 'buy', message: 'is for buy_x_get_y alone' });
    if (get !== undefined) problems.push({ path: 'get', message: 'is for buy_x_get_y alone' });
  }
  return problems;
}
