import { pino } from 'pino';
import type { Relay } from '#libs/persistence/relay';
import { Rounds } from '#libs/runtime/rounds';

/** Lets a relay claim as it does in a service. Gives what stops both. */
export function repeatClaims(relay: Relay, everyMs: number): () => Promise<void> {
  const rounds = new Rounds(pino({ level: 'silent' }));
  const claims = rounds.every('outbox.claim', { everyMs, atOnce: true }, () => relay.claimDue());
  relay.wake = (afterMs) => claims.wake(afterMs);
  rounds.onApplicationBootstrap();
  return async () => {
    await rounds.beforeApplicationShutdown();
    await relay.stop();
  };
}
