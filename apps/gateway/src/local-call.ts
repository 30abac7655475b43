import type { Call } from '#libs/contracts/call';
import type { Forwarded } from '#libs/messaging/bus-client';

/** A call that the gateway answers itself, with what the client sent: the services that it asks check the client's own token. */
export interface LocalCall extends Call {
  readonly forwarded: Forwarded;
}
