import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { useAction } from '../../parts/action.ts';
import { Field } from '../../parts/field.tsx';
import { Refused, SureButton } from '../../parts/notices.tsx';
import { Select } from '../../parts/select.tsx';
import { BASE } from '../base.ts';
import type { Collection } from '../wishes.ts';
import { lists } from './lists.ts';

const PRIVACY = [
  ['private', 'Only I see it'],
  ['link', 'Whoever has the link sees it'],
  ['public', 'Everybody sees it'],
] as const;

/** Name, who sees it, its link and its end. */
export function ListSettings({ list, say }: { list: Collection; say: (words: string) => void }) {
  const { busy, failure, run } = useAction();
  const [name, setName] = useState(list.name);
  const [privacy, setPrivacy] = useState(list.privacy);
  const [, navigate] = useLocation();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    void run(async () => {
      await lists.change(list.id, { name, privacy });
      say('Saved.');
    });
  };
  return (
    <details className="panel list-settings">
      <summary>Name, sharing and more</summary>
      <form onSubmit={save} className="beside">
        <Field label="Name of the list" value={name} change={setName} maxLength={60} />
        <Select
          label="Who sees the list"
          value={privacy}
          change={(chosen) => setPrivacy(chosen as Collection['privacy'])}
          choices={PRIVACY}
        />
        <button
          type="submit"
          className="button secondary"
          disabled={busy || name.trim() === '' || (name === list.name && privacy === list.privacy)}
        >
          Save
        </button>
      </form>
      {list.shareToken !== undefined && <ShareLink list={list} token={list.shareToken} say={say} />}
      {!list.isDefault && (
        <SureButton
          sure="Delete it and what is on it"
          busy={busy}
          press={() =>
            run(async () => {
              await lists.remove(list.id);
              navigate('/wishlist');
            })
          }
        >
          Delete the list
        </SureButton>
      )}
      <Refused failure={failure} />
    </details>
  );
}

function ShareLink({ list, token, say }: { list: Collection; token: string; say: (words: string) => void }) {
  const { busy, failure, run } = useAction();
  const link = `${location.origin}${BASE}/wishlist/shared/${token}`;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      say('The link is copied.');
    } catch {
      // A browser that lets no page write there; the link stands above, to be picked by hand.
      say('Copy the link by hand, please: this browser does not let us.');
    }
  };
  const renew = async (): Promise<void> => {
    await lists.renewLink(list.id);
    say('There is a new link, and the one before opens nothing any more.');
  };
  return (
    <div className="share">
      <Field label="The link" value={link} change={() => undefined} readOnly data-testid="share-link" />
      <div className="beside">
        <button type="button" className="button secondary" disabled={busy} onClick={() => run(copy)}>
          Copy the link
        </button>
        <button type="button" className="button secondary" disabled={busy} onClick={() => run(renew)}>
          Make a new link
        </button>
      </div>
      <Refused failure={failure} />
    </div>
  );
}
