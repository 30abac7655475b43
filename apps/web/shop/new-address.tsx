import { type FormEvent, useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, ask } from '../parts/api.ts';
import { Field } from '../parts/field.tsx';
import { Refused } from '../parts/notices.tsx';
import { session } from '../parts/session.ts';

/** Which state it is decides on CGST and SGST or IGST, so it is chosen and not typed. */
const STATES = (
  'Andaman and Nicobar Islands,Andhra Pradesh,Arunachal Pradesh,Assam,Bihar,Chandigarh,Chhattisgarh,Dadra and Nagar Haveli and Daman and Diu,' +
  'Delhi,Goa,Gujarat,Haryana,Himachal Pradesh,Jammu and Kashmir,Jharkhand,Karnataka,Kerala,Ladakh,Lakshadweep,Madhya Pradesh,Maharashtra,' +
  'Manipur,Meghalaya,Mizoram,Nagaland,Odisha,Puducherry,Punjab,Rajasthan,Sikkim,Tamil Nadu,Telangana,Tripura,Uttar Pradesh,Uttarakhand,' +
  'West Bengal'
).split(',');

export function NewAddress({ added }: { added: (address: Schemas['Address']) => void }) {
  const stateId = useId();
  const [values, setValues] = useState({
    name: session.get()?.user.name ?? '',
    phone: '',
    line1: '',
    line2: '',
    city: '',
    state: '',
    pincode: '',
  });
  const { busy, failure, run } = useAction();
  const of = (key: keyof typeof values) => ({
    value: values[key],
    change: (value: string) => setValues((before) => ({ ...before, [key]: value })),
  });
  const save = (event: FormEvent): Promise<void> => {
    event.preventDefault();
    return run(async () => {
      const { line2, phone, ...rest } = values;
      const body = { ...rest, phone: `+91${phone}`, country: 'IN' as const, ...(line2 !== '' && { line2 }) };
      added(await ask(api.POST('/api/auth/addresses', { body })));
    });
  };
  return (
    <form className="address-form" onSubmit={save}>
      <Field label="Name" {...of('name')} autoComplete="name" maxLength={100} />
      <Field
        label="Mobile number"
        {...of('phone')}
        type="tel"
        autoComplete="tel-national"
        inputMode="numeric"
        pattern="[6-9][0-9]{9}"
        maxLength={10}
        title="10 digits, the first 6 to 9"
        hint="10 digits, without +91"
      />
      <Field label="Address" {...of('line1')} autoComplete="address-line1" maxLength={200} />
      <Field label="Landmark" {...of('line2')} required={false} autoComplete="address-line2" maxLength={200} />
      <Field label="City" {...of('city')} autoComplete="address-level2" maxLength={100} />
      <Field
        label="PIN code"
        {...of('pincode')}
        autoComplete="postal-code"
        inputMode="numeric"
        pattern="[1-9][0-9]{5}"
        maxLength={6}
        title="6 digits, the first not 0"
      />
      <div className="field">
        <label htmlFor={stateId}>State</label>
        <select
          id={stateId}
          required
          autoComplete="address-level1"
          value={values.state}
          onChange={({ target }) => of('state').change(target.value)}
        >
          <option value="">Choose …</option>
          {STATES.map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </div>
      <Refused failure={failure} />
      <button type="submit" className="button secondary" disabled={busy}>
        {busy ? 'Saving …' : 'Save and use this address'}
      </button>
    </form>
  );
}
