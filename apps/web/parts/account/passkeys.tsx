import { useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask, queries } from '../api.ts';
import { failureIn } from '../failure.ts';
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
            <PasskeyRow key={one.id} one={one} removed={refetch} />
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

function PasskeyRow({ one, removed }: { one: Passkey; removed: () => Promise<unknown> }) {
  const { busy, failure, run } = useAction();
  const remove = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/auth/passkeys/{id}', { params: { path: { id: one.id } } }));
      await removed();
    });
  return (
    <li>
      <span>
        <strong>{one.name}</strong>
        <span className="quiet">{`Added ${momentOf(one.createdAt)}`}</span>
        <span className="quiet">{one.lastUsedAt === null ? 'Not used yet' : `Last used ${momentOf(one.lastUsedAt)}`}</span>
      </span>
      <SureButton sure="Yes, remove it" busy={busy} press={remove}>
        Remove
      </SureButton>
      <Refused failure={failure} />
    </li>
  );
}
