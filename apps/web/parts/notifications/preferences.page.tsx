import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { Schemas } from '#libs/client/client';
import type { paths } from '#libs/client/schema';
import { api, ask, MINE, queries, queryClient } from '../api.ts';
import { failureIn } from '../failure.ts';
import { Failed, Loading, Refused } from '../notices.tsx';
import { Select } from '../select.tsx';

type Preferences = Schemas['Preferences'];
type Put = paths['/api/notifications/user/{userId}/preferences']['put'];
type Change = NonNullable<Put['requestBody']>['content']['application/json'];

const CATEGORIES = [
  ['account', 'Your account', 'sign-ins, passwords, answers to you'],
  ['orders', 'Your orders', 'confirmed, sent, delivered, refunded'],
  ['chat', 'Chats', 'messages that you have not read'],
  ['wishlist', 'Wish list', 'back in stock, a lower price'],
  ['promotions', 'Offers', 'coupons, what you left in the cart'],
] as const;
const CHANNELS = [
  ['in_app', 'Here'],
  ['email', 'Mail'],
  ['push', 'Phone'],
  ['sms', 'SMS'],
] as const;
const LANGUAGES = [
  ['en', 'English'],
  ['hi', 'हिन्दी'],
] as const;
const USUAL = { from: '21:00', to: '10:00' };

const KEY = queries.queryOptions('get', '/api/notifications/user/{userId}/preferences', { params: MINE }).queryKey;

/** What one is told and how. Each change is kept at once. */
export function PreferencesPage() {
  const { data, error, refetch } = queries.useQuery('get', '/api/notifications/user/{userId}/preferences', { params: MINE });
  const failure = data === undefined ? failureIn(error) : undefined;
  return (
    <>
      <title>What you are told – Only2U</title>
      <div className="page-head">
        <h1>What you are told</h1>
      </div>
      {failure !== undefined && <Failed failure={failure} retry={refetch} />}
      {data === undefined && failure === undefined && <Loading what="your settings" />}
      {data !== undefined && <Settings kept={data} />}
    </>
  );
}

const CHANGES = ['preferences'];

/** Shows a change at once, sends one after the other, and shows what is kept when the last is answered, or one was refused. */
function useChange() {
  return useMutation({
    mutationKey: CHANGES,
    scope: { id: 'preferences' },
    mutationFn: (body: Change) => ask(api.PUT('/api/notifications/user/{userId}/preferences', { params: MINE, body })),
    onMutate: (body) => void queryClient.setQueryData<Preferences>(KEY, (before) => before && changed(before, body)),
    onSuccess: (kept) => {
      if (queryClient.isMutating({ mutationKey: CHANGES }) === 1) queryClient.setQueryData(KEY, kept);
    },
    onError: () => queryClient.invalidateQueries({ queryKey: KEY }),
  });
}

function changed(before: Preferences, { channels, ...rest }: Change): Preferences {
  const next = { ...before.channels };
  for (const [category] of CATEGORIES) next[category] = { ...next[category], ...channels?.[category] };
  return { ...before, ...rest, channels: next };
}

function Settings({ kept }: { kept: Preferences }) {
  const { mutate: change, isSuccess, error } = useChange();
  return (
    <>
      <section className="panel" aria-labelledby="channels">
        <h2 id="channels">How we tell you</h2>
        <div className="scrolls">
          <table className="cells">
            <thead>
              <tr>
                <th scope="col">About</th>
                {CHANNELS.map(([channel, name]) => (
                  <th key={channel} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {CATEGORIES.map(([category, name, about]) => (
                <tr key={category}>
                  <th scope="row">
                    <span>{name}</span>
                    <small>{about}</small>
                  </th>
                  {CHANNELS.map(([channel, channelName]) => (
                    <td key={channel}>
                      <CellBox
                        kept={kept}
                        cell={{ category, channel }}
                        label={`${name}: ${channelName}`}
                        choose={(isOn) => change({ channels: { [category]: { [channel]: isOn } } })}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p className="quiet">What has a lock is always sent: you need it for your account and your orders.</p>
      </section>
      <Quiet kept={kept} change={change} />
      <section className="panel" aria-labelledby="language">
        <h2 id="language">Language</h2>
        <Select
          label="We write to you in"
          value={kept.locale}
          change={(value) => change({ locale: value === 'hi' ? 'hi' : 'en' })}
          choices={LANGUAGES}
        />
      </section>
      <Refused failure={failureIn(error)} />
      <p role="status">{isSuccess ? 'Kept.' : ''}</p>
    </>
  );
}

interface CellBoxProps {
  readonly kept: Preferences;
  readonly cell: { readonly category: (typeof CATEGORIES)[number][0]; readonly channel: (typeof CHANNELS)[number][0] };
  readonly label: string;
  readonly choose: (isOn: boolean) => void;
}

function CellBox({ kept, cell: { category, channel }, label, choose }: CellBoxProps) {
  const isLocked = kept.locked.includes(`${category}.${channel}`);
  return (
    <label className="cell">
      <input
        type="checkbox"
        checked={kept.channels[category][channel]}
        disabled={isLocked}
        onChange={({ target }) => choose(target.checked)}
      />
      {isLocked && (
        <svg className="lock" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3" />
        </svg>
      )}
      <span className="unseen">{isLocked ? `${label}, always on` : label}</span>
    </label>
  );
}

interface QuietProps {
  readonly kept: Preferences;
  readonly change: (body: Change) => void;
}

function Quiet({ kept: { quietHours }, change }: QuietProps) {
  return (
    <section className="panel" aria-labelledby="quiet">
      <h2 id="quiet">Quiet hours</h2>
      <label className="tick">
        <input
          type="checkbox"
          checked={quietHours !== null}
          onChange={({ target }) => change({ quietHours: target.checked ? USUAL : null })}
        />
        <span>Offers and the wish list wait until the morning</span>
      </label>
      {quietHours !== null && (
        <div className="times">
          <Clock label="From" value={quietHours.from} change={(from) => change({ quietHours: { ...quietHours, from } })} />
          <Clock label="Until" value={quietHours.to} change={(to) => change({ quietHours: { ...quietHours, to } })} />
        </div>
      )}
    </section>
  );
}

interface ClockProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** A time of the day; it is kept when the field is left, not at each digit. */
function Clock({ label, value, change }: ClockProps) {
  const id = useId();
  const [typed, setTyped] = useState<string>();
  const leave = (): void => {
    setTyped(undefined);
    if (typed !== undefined && typed !== value && /^\d\d:\d\d$/.test(typed)) change(typed);
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="time" value={typed ?? value} onChange={({ target }) => setTyped(target.value)} onBlur={leave} />
    </div>
  );
}
