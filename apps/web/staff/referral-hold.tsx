import { type FormEvent, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../parts/action.ts';
import { api, askOnce } from '../parts/api.ts';
import { codeOf, failureIn } from '../parts/failure.ts';
import { Refused } from '../parts/notices.tsx';
import { momentOf } from '../parts/order/order-words.ts';
import { TextArea } from '../parts/text-area.tsx';

type Hold = Schemas['ReferralHold'];
type Decision = 'approve' | 'reject';

const REASON_WORDS: Readonly<Record<string, string>> = {
  same_address: 'The friend’s first order goes to an address of the referrer',
  same_instrument: 'The friend’s first order was paid as the referrer pays',
  ring: 'The referrer was invited by the friend, at some distance',
  shared_device: 'The third account or more on one device',
  velocity: 'Very many friends of the referrer joined on one day',
};
const DONE: Readonly<Record<Decision, string>> = { approve: 'The referral goes on.', reject: 'The referral has ended without a reward.' };

/** A referral that was held: why, of whom, and what is to become of it. */
export const HoldRow = ({ hold, changed }: { hold: Hold; changed: (words: string) => void }) => (
  <li className="panel" data-testid="hold" data-status={hold.status}>
    <ul className="hold-reasons" aria-label="Why it is held">
      {hold.reasons.map((reason) => (
        <li key={reason}>{REASON_WORDS[reason] ?? reason}</li>
      ))}
    </ul>
    <dl className="hold-facts">
      <dt>Held since</dt>
      <dd>{momentOf(hold.at)}</dd>
      <dt>Referrer</dt>
      <dd>
        <code>{hold.referrerId}</code>
      </dd>
      <dt>Friend</dt>
      <dd>
        <code>{hold.refereeId}</code>
      </dd>
    </dl>
    {hold.status === 'held' ? <Decide hold={hold} changed={changed} /> : <p>{`Decided: ${hold.note ?? ''}`}</p>}
  </li>
);

function Decide({ hold, changed }: { hold: Hold; changed: (words: string) => void }) {
  const { busy, failure, run } = useAction();
  const [note, setNote] = useState('');
  const decide = (decision: Decision): Promise<void> =>
    run(async () => {
      const body = { decision, note };
      try {
        await askOnce(`decide ${hold.id} ${JSON.stringify(body)}`, (header) =>
          api.POST('/api/referrals/holds/{id}/decide', { params: { path: { id: hold.id }, header }, body }),
        );
      } catch (error) {
        if (codeOf(failureIn(error)) !== 'referral.already_decided') throw error;
        changed('Somebody else has decided it meanwhile.');
        return;
      }
      changed(DONE[decision]);
    });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // Which of the two buttons was pressed; Enter in the note presses none.
    const { nativeEvent } = event;
    const pressed = nativeEvent instanceof SubmitEvent ? nativeEvent.submitter?.getAttribute('value') : undefined;
    if (pressed === 'approve' || pressed === 'reject') void decide(pressed);
  };
  return (
    <form onSubmit={submit} aria-busy={busy}>
      <TextArea label="Your note" value={note} change={setNote} rows={2} maxLength={500} />
      <Refused failure={failure} />
      <div className="buttons">
        <button type="submit" value="approve" className="button" disabled={busy}>
          Let it go on
        </button>
        <button type="submit" value="reject" className="button secondary" disabled={busy}>
          End it
        </button>
      </div>
    </form>
  );
}
