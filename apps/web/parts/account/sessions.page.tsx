import type { Schemas } from '#libs/client/client';
import { useAction } from '../action.ts';
import { api, ask, queries } from '../api.ts';
import { failureIn } from '../failure.ts';
import { Failed, Loading, Refused, SureButton } from '../notices.tsx';
import { momentOf } from '../order/order-words.ts';
import { session } from '../session.ts';

type Session = Schemas['Session'];

/** The devices that are signed in, each to be signed out. */
export function SessionsPage() {
  const { data, error, refetch } = queries.useQuery('get', '/api/auth/sessions');
  const { busy, failure, run } = useAction();
  const failed = data === undefined ? failureIn(error) : undefined;
  const endAll = (): Promise<void> =>
    run(async () => {
      await ask(api.POST('/api/auth/logout', { body: { all: true } }));
      session.end();
    });
  return (
    <>
      <title>Your devices – Only2U</title>
      <div className="page-head">
        <h1>Your devices</h1>
        <p className="quiet">A device that you sign out is out within seconds.</p>
      </div>
      {failed !== undefined && <Failed failure={failed} retry={refetch} />}
      {data === undefined && failed === undefined && <Loading what="your devices" />}
      {data !== undefined && (
        <section className="panel" aria-label="Devices">
          <ul className="rows" data-testid="sessions">
            {data.items.map((one) => (
              <SessionRow key={one.id} one={one} ended={refetch} />
            ))}
          </ul>
          <Refused failure={failure} />
          <SureButton sure="Yes, sign out everywhere, here too" busy={busy} press={endAll} testId="end-all">
            Sign out on all devices
          </SureButton>
        </section>
      )}
    </>
  );
}

function SessionRow({ one, ended }: { one: Session; ended: () => Promise<unknown> }) {
  const { busy, failure, run } = useAction();
  const end = (): Promise<void> =>
    run(async () => {
      await ask(api.DELETE('/api/auth/sessions/{id}', { params: { path: { id: one.id } } }));
      await ended();
    });
  return (
    <li data-current={one.current}>
      <span>
        <strong>{one.device === '' ? 'A device without a name' : one.device}</strong>
        <span className="quiet">{`Last seen ${momentOf(one.lastSeenAt)}${one.ip === '' ? '' : ` from ${one.ip}`}`}</span>
        <span className="quiet">{`Signed in ${momentOf(one.createdAt)}`}</span>
      </span>
      {one.current ? (
        <span className="badge confirmed">This one</span>
      ) : (
        <SureButton sure="Yes, sign it out" busy={busy} press={end}>
          Sign out
        </SureButton>
      )}
      <Refused failure={failure} />
    </li>
  );
}
