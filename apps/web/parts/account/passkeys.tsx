import { type FormEvent, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask, queries } from '../api.ts';
import { failureIn } from '../failure.ts';
import { Field } from '../field.tsx';
import { Failed, Refused, SureButton } from '../notices.tsx';
import { momentOf } from '../order/order-words.ts';
import { canUsePasskeys, enrolPasskey } from '../passkey.ts';
import { strengthen } from './strengthen.ts';

type Passkey = Schemas['Passkey'];

/** Keys that devices keep for the account; a finger or a face opens them. */
export function Passkeys() {
  const { data, error, refetch } = queries.useQuery('get', '/api/auth/passkeys');
  const { busy, failure, run } = useAction();
  const [remark, setRemark] = useState('');
  const failed = data === undefined ? failureIn(error) : undefined;
  const add = (): Promise<void> =>
    run(async () => {
      setRemark('');
      const { name } = await enrolPasskey();
      setRemark(`You can sign in with the passkey “${name}” now.`);
      await strengthen();
      await refetch();
    });
  return (
    <section className="panel" aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      <p className="quiet">Sign in with your finger, your face or the code of your device, and nothing to remember or to be stolen.</p>
      {failed !== undefined && <Failed failure={failed} retry={refetch} />}
      {data !== undefined && data.items.length > 0 && (
        <ul className="rows" data-testid="passkeys">
          {data.items.map((one) => (
            <PasskeyRow key={one.id} one={one} changed={refetch} />
          ))}
        </ul>
      )}
      <p role="status">{remark}</p>
      <Refused failure={failure} />
      {canUsePasskeys ? (
        <button type="button" className="button secondary" disabled={busy} onClick={add}>
          {busy ? 'Look at your device …' : 'Add a passkey of this device'}
        </button>
      ) : (
        <p>This browser cannot use passkeys at this address.</p>
      )}
    </section>
  );
}

function PasskeyRow({ one, changed }: { one: Passkey; changed: () => Promise<unknown> }) {
  const { busy, failure, run } = useAction();
  const [isNaming, setIsNaming] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const remove = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/auth/passkeys/{id}', { params: { path: { id: one.id } } }));
      await changed();
    });
  // The button is there again once the form is gone.
  const close = (): void => {
    flushSync(() => setIsNaming(false));
    opener.current?.focus();
  };
  return (
    <li>
      <span>
        <strong>{one.name}</strong>
        <span className="quiet">{`Added ${momentOf(one.createdAt)}`}</span>
        <span className="quiet">{one.lastUsedAt === null ? 'Not used yet' : `Last used ${momentOf(one.lastUsedAt)}`}</span>
      </span>
      {isNaming ? (
        <Rename one={one} changed={changed} close={close} />
      ) : (
        <span className="buttons">
          <button type="button" className="button secondary" ref={opener} onClick={() => setIsNaming(true)}>
            Rename
          </button>
          <SureButton sure="Yes, remove it" busy={busy} press={remove}>
            Remove
          </SureButton>
        </span>
      )}
      <Refused failure={failure} />
    </li>
  );
}

function Rename({ one, changed, close }: { one: Passkey; changed: () => Promise<unknown>; close: () => void }) {
  const [name, setName] = useState(one.name);
  const { busy, failure, run } = useAction();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await ask(api.PATCH('/api/auth/passkeys/{id}', { params: { path: { id: one.id } }, body: { name: name.trim() } }));
      await changed();
      close();
    });
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <Field label="Name of this passkey" value={name} change={setName} maxLength={100} autoComplete="off" inputRef={input} />
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" className="button" disabled={busy || name.trim() === ''}>
          {busy ? 'One moment …' : 'Save the name'}
        </button>
        <button type="button" className="plain" disabled={busy} onClick={close}>
          Close
        </button>
      </div>
    </form>
  );
}
