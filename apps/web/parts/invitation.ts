import { api, ask } from './api.ts';
import { failureIn } from './failure.ts';
import { type Session, session } from './session.ts';
import { parsed, sharedStore } from './site-data.ts';

/** The code of a friend whose link was opened here; it waits in this browser for its reader to sign up. */
export interface Invitation {
  readonly code: string;
  /** When the link was opened. */
  readonly at: string;
  /** Whether the shop has heard of the visit. */
  readonly isTold?: boolean;
}

const kept = sharedStore('only2u.invitation', parsed<Invitation>('code', 'at'));
const visitor = sharedStore('only2u.visitor', parsed<{ readonly id: string }>('id'));

const MAX_CODE = 40;
/** As long as the shop takes an account for new. */
const KEPT_MS = 30 * 86_400_000;
/** By so much a clock may be wrong. */
const SLACK_MS = 300_000;

const isGood = ({ at }: Invitation): boolean => Date.parse(at) > Date.now() - KEPT_MS;
const good = (found: Invitation | undefined): Invitation | undefined => (found !== undefined && isGood(found) ? found : undefined);

export const invitation = {
  get: (): Invitation | undefined => good(kept.get()),
  use: (): Invitation | undefined => good(kept.use()),
  forget: (): void => kept.set(undefined),
};

function visitorId(): string {
  const known = visitor.readAgain()?.id;
  if (known !== undefined) return known;
  const id = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  visitor.set({ id });
  return id;
}

/** Notes the friend's code in the address, `?ref=`, which then leaves it, so that the address that is passed on is the shop's alone. */
export function noteArrival(): void {
  const address = new URL(location.href);
  const code = address.searchParams.get('ref')?.trim() ?? '';
  if (address.searchParams.has('ref')) {
    address.searchParams.delete('ref');
    history.replaceState(history.state, '', address);
  }
  if (code !== '' && code.length <= MAX_CODE) kept.set({ code, at: new Date().toISOString() });
  void tellVisit();
}

/** Tells the shop of the visit; without a network later. A repeat counts for nothing. */
async function tellVisit(): Promise<void> {
  const one = invitation.get();
  if (one === undefined || one.isTold) return;
  const isHeard = await ask(api.POST('/api/referrals/visits', { body: { code: one.code, visitorId: visitorId() } })).then(
    () => true,
    // What is no code will be none later.
    (error: unknown) => failureIn(error)?.kind === 'refused',
  );
  if (isHeard && kept.readAgain()?.code === one.code) kept.set({ ...one, isTold: true });
}

/**
 * Somebody who signed up in another way than by the form with its field for the code, such as by SMS. An account that was there before the link
 * was opened is asked first, on the page about friends.
 */
async function takeUp({ user }: Session): Promise<void> {
  const one = invitation.get();
  if (one === undefined || Date.parse(user.createdAt) < Date.parse(one.at) - SLACK_MS) return;
  const isOver = await ask(api.POST('/api/referrals/redeem', { body: { code: one.code } })).then(
    () => true,
    (error: unknown) => failureIn(error)?.kind === 'refused',
  );
  if (isOver) invitation.forget();
}

let taken: string | undefined;
const lookAt = (signedIn: Session | undefined): void => {
  if (signedIn === undefined || signedIn.user.id === taken) return;
  taken = signedIn.user.id;
  void takeUp(signedIn);
};

/** For the shop's pages: notes a friend's link, and takes it up once its reader has signed up. */
export function followInvitations(): void {
  noteArrival();
  lookAt(session.get());
  session.subscribe(() => lookAt(session.get()));
  addEventListener('online', () => void tellVisit());
}
