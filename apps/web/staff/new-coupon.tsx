import { type FormEvent, useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, askOnce } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { MoneyField } from '../parts/money-field.tsx';
import { Refused } from '../parts/notices.tsx';
import { Select } from '../parts/select.tsx';
import { blankCoupon, type CouponValues, newCoupon } from './coupon-form.ts';

type Words = { [Name in keyof CouponValues]: CouponValues[Name] extends boolean ? never : Name }[keyof CouponValues];
type Ticks = Exclude<keyof CouponValues, Words>;

const KINDS: Readonly<Record<CouponValues['kind'], string>> = {
  percent: 'Percent off',
  fixed: 'Rupees off',
  free_shipping: 'Free shipping',
  buy_x_get_y: 'Buy some, get some',
};
const METHODS = [
  ['', 'Any'],
  ['razorpay', 'Online'],
  ['cod', 'Cash on delivery'],
] as const;
const TICKS: readonly (readonly [Ticks, string])[] = [
  ['public', 'Show it to everybody'],
  ['automatic', 'Applies by itself'],
  ['stackable', 'Goes with others'],
  ['firstOrderOnly', 'First order only'],
];

export function NewCoupon({ made }: { made: (coupon: Schemas['Coupon']) => void }) {
  const [values, setValues] = useState(blankCoupon);
  const { busy, failure, run } = useAction();
  const headId = useId();
  const of = (name: Words) => ({
    value: values[name],
    change: (value: string) => setValues((before) => ({ ...before, [name]: value })),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    run(async () => {
      const body = newCoupon(values);
      made(await askOnce(`coupon ${JSON.stringify(body)}`, (header) => api.POST('/api/coupons', { params: { header }, body })));
      setValues(blankCoupon());
    });
  };
  return (
    <form className="panel new-coupon" onSubmit={submit} aria-labelledby={headId} aria-busy={busy}>
      <h2 id={headId}>A new coupon</h2>
      <div className="fields">
        <Field label="Code" {...of('code')} required={false} minLength={3} maxLength={40} hint="Empty: one that nobody can guess" />
        <Select label="Gives" {...of('kind')} choices={Object.entries(KINDS)} />
        <Reward values={values} of={of} />
        <MoneyField label="From order value in ₹" {...of('minSubtotal')} required={false} />
        <MoneyField label="At most off in ₹" {...of('maxDiscount')} required={false} />
        <Field label="Begins" {...of('startsAt')} type="datetime-local" hint="Indian time" />
        <Field label="Ends" {...of('endsAt')} type="datetime-local" min={values.startsAt} hint="Indian time" />
        <Field label="Orders in all" {...of('usageLimit')} type="number" min={1} required={false} />
        <Field label="Orders a customer" {...of('perUserLimit')} type="number" min={1} required={false} />
        <MoneyField label="Budget in ₹" {...of('budget')} required={false} />
        <Select label="Paid by" {...of('method')} choices={METHODS} />
      </div>
      <div className="ticks">
        {TICKS.map(([name, words]) => (
          <label key={name} className="tick">
            <input
              type="checkbox"
              checked={values[name]}
              onChange={({ target }) => setValues((before) => ({ ...before, [name]: target.checked }))}
            />
            <span>{words}</span>
          </label>
        ))}
      </div>
      <Refused failure={failure} />
      <button type="submit" className="button" disabled={busy} data-testid="create-coupon">
        {busy ? 'One moment …' : 'Create the coupon'}
      </button>
    </form>
  );
}

interface RewardProps {
  readonly values: CouponValues;
  readonly of: (name: Words) => { readonly value: string; readonly change: (value: string) => void };
}

function Reward({ values, of }: RewardProps) {
  if (values.kind === 'percent') return <Field label="Percent" {...of('percent')} type="number" min={1} max={100} />;
  if (values.kind === 'fixed') return <MoneyField label="Off in ₹" {...of('amount')} />;
  if (values.kind === 'free_shipping') return null;
  return (
    <>
      <Field label="Buy pieces" {...of('buy')} type="number" min={1} max={100} />
      <Field label="Get pieces" {...of('get')} type="number" min={1} max={100} />
      <Field label="At percent off" {...of('getPercent')} type="number" min={1} max={100} />
    </>
  );
}
