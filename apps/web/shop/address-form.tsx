import { type FormEvent, useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { phoneOf } from '#libs/contracts/spellings';
import { STATE_NAMES } from '#libs/places/states';
import { useAction } from '../parts/action.ts';
import { api, ask, queries } from '../parts/api.ts';
import { CheckedField } from '../parts/checked-field.tsx';
import { codeOf, failureIn } from '../parts/failure.ts';
import { Field } from '../parts/field.tsx';
import { Refused } from '../parts/notices.tsx';
import { PhoneField } from '../parts/phone-field.tsx';
import { session } from '../parts/session.ts';

type Address = Schemas['Address'];

const PINCODE = /^[1-9]\d{5}$/;

/** The states that a PIN code can lie in; undefined while it is no whole code or the shop does not tell, none for one that there is not. */
export function useStatesOf(pincode: string): readonly string[] | undefined {
  const init = { params: { path: { pincode } } };
  const { data, error } = queries.useQuery('get', '/api/auth/pincodes/{pincode}', init, {
    enabled: PINCODE.test(pincode),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const isUnknown = ['not_found', 'validation_failed'].includes(codeOf(failureIn(error)) ?? '');
  return isUnknown ? [] : data?.states;
}

interface AddressFormProps {
  /** One that cannot be read any more; else the form is for a new one. */
  readonly old?: Address;
  readonly saved: (address: Address) => void;
}

export function AddressForm({ old, saved }: AddressFormProps) {
  const [values, setValues] = useState({
    name: old?.name ?? session.get()?.user.name ?? '',
    phone: old?.phone ?? '',
    line1: old?.line1 ?? '',
    line2: old?.line2 ?? '',
    city: old?.city ?? '',
    state: old !== undefined && STATE_NAMES.includes(old.state) ? old.state : '',
    pincode: old?.pincode ?? '',
  });
  const { busy, failure, run } = useAction();
  const possible = useStatesOf(values.pincode);
  const states = possible === undefined || possible.length === 0 ? STATE_NAMES : possible;
  // One state is filled in; of several, the one that was chosen stays as long as it is possible.
  const state = states.length === 1 ? (states[0] ?? '') : states.includes(values.state) ? values.state : '';
  const of = (key: keyof typeof values) => ({
    value: values[key],
    change: (value: string) => setValues((before) => ({ ...before, [key]: value })),
  });
  const save = (event: FormEvent): Promise<void> => {
    event.preventDefault();
    return run(async () => {
      const { line2, phone, ...rest } = values;
      const body = { ...rest, state, phone: phoneOf(phone) ?? phone, country: 'IN' as const, ...(line2.trim() !== '' && { line2 }) };
      saved(
        await ask(
          old === undefined
            ? api.POST('/api/auth/addresses', { body })
            : api.PATCH('/api/auth/addresses/{id}', { params: { path: { id: old.id } }, body }),
        ),
      );
    });
  };
  return (
    <form className="address-form" onSubmit={save}>
      <Field label="Name" {...of('name')} autoComplete="name" maxLength={100} />
      <PhoneField {...of('phone')} />
      <CheckedField
        label="PIN code"
        value={values.pincode}
        // Pasted with a blank in the middle, as it is printed.
        change={(text) => of('pincode').change(text.replaceAll(/\s/g, ''))}
        autoComplete="postal-code"
        inputMode="numeric"
        problem={pincodeProblem(values.pincode, possible)}
      />
      <StateChoice states={states} value={state} change={of('state').change} />
      <Field label="City" {...of('city')} autoComplete="address-level2" maxLength={100} />
      <Field label="Address" {...of('line1')} autoComplete="address-line1" maxLength={200} />
      <Field label="Landmark" {...of('line2')} required={false} autoComplete="address-line2" maxLength={200} />
      <Refused failure={failure} />
      <button type="submit" className="button secondary" disabled={busy}>
        {busy ? 'Saving …' : 'Save and use this address'}
      </button>
    </form>
  );
}

function pincodeProblem(pincode: string, possible: readonly string[] | undefined): string | undefined {
  if (!PINCODE.test(pincode)) return 'A PIN code has 6 digits, the first not 0';
  return possible?.length === 0 ? 'There is no such PIN code' : undefined;
}

/** Which state it is decides on CGST and SGST or IGST, so it is chosen and not typed; the PIN code says which can be. */
function StateChoice({ states, value, change }: { states: readonly string[]; value: string; change: (value: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>State</label>
      <select id={id} required autoComplete="address-level1" value={value} onChange={({ target }) => change(target.value)}>
        {states.length > 1 && <option value="">Choose …</option>}
        {states.map((state) => (
          <option key={state}>{state}</option>
        ))}
      </select>
    </div>
  );
}
