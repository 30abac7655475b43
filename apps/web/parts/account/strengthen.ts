import { renew } from '../renewal.ts';
import { session } from '../session.ts';

/** Staff that had to set up a second factor have their rights from the next token on. */
export async function strengthen(): Promise<void> {
  const known = session.get();
  if (known?.enrolmentRequired) await renew(known.accessToken);
}
