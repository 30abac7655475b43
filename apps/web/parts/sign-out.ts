import { api } from './api.ts';
import { session } from './session.ts';

/** Whether or not the shop hears of it, this browser forgets who it was. */
export function signOut(): void {
  api
    .POST('/api/auth/logout', { body: {} })
    .catch(() => undefined)
    .finally(session.end);
}
