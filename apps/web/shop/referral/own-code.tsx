import { useState } from 'react';
import { MINE, queries } from '../../parts/api.ts';
import { failureIn } from '../../parts/failure.ts';
import { Field } from '../../parts/field.tsx';
import { Failed, Loading } from '../../parts/notices.tsx';

export function OwnCode() {
  const { data, error, refetch } = queries.useQuery('get', '/api/referrals/user/{userId}/generate', { params: MINE });
  const failure = data === undefined ? failureIn(error) : undefined;
  if (failure !== undefined) return <Failed failure={failure} retry={refetch} />;
  return data === undefined ? <Loading what="your code" /> : <Share code={data.code} url={data.url} />;
}

function Share({ code, url }: { code: string; url: string }) {
  const [said, say] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(url);
      say('The link is copied.');
    } catch {
      // A browser that lets no page write there; the link stands above, to be picked by hand.
      say('Copy the link by hand, please: this browser does not let us.');
    }
  };
  const share = async (): Promise<void> => {
    try {
      await navigator.share({ title: 'Only2U', text: `Come to Only2U with my code ${code}`, url });
    } catch {
      // Whoever thought better of it knows that nothing was sent.
    }
  };
  return (
    <section className="panel" aria-label="Your code">
      <h2>Your code</h2>
      <p className="own-code" data-testid="own-code">
        {code}
      </p>
      <Field label="Your link" value={url} change={() => undefined} readOnly data-testid="own-link" />
      <div className="buttons">
        <button type="button" className="button" onClick={copy}>
          Copy the link
        </button>
        {'share' in navigator && (
          <button type="button" className="button secondary" onClick={share}>
            Share it
          </button>
        )}
      </div>
      <p role="status">{said}</p>
    </section>
  );
}
