import { Injectable } from '@nestjs/common';
import type { DefaultEventsMap } from 'socket.io';
import { v7 as uuidv7 } from 'uuid';
import type { AnyContract, AnyOperation } from '#libs/contracts/contract';
import { refuse } from '#libs/contracts/errors';
import { within } from '#libs/contracts/time-limit';
import { SocketServer } from '../socket-server.ts';
import type { UserSocket } from '../socket-sessions.ts';
import { Upstreams } from '../upstreams.ts';

/** An event is answered within so many milliseconds, whatever its operation is given. */
export const ANSWER_MS = 4_800;
/** As for a body of HTTP. */
const BODY_LIMIT = 102_400;
const AGENT_LIMIT = 200;

/** The operations of a contract that sockets reach, by their event. */
export const eventsOf = ({ operations }: AnyContract): ReadonlyMap<string, AnyOperation> =>
  new Map(Object.values(operations).flatMap((operation) => (operation.socket === undefined ? [] : [[operation.socket, operation]])));

/** Passes an event on to its operation, with the token of its socket: access, input and errors are those of the contract, as over HTTP. */
@Injectable()
export class SocketCalls {
  constructor(
    private readonly upstreams: Upstreams,
    private readonly server: SocketServer,
  ) {}

  /** Throws `Refusal`. */
  async ask<T extends DefaultEventsMap>(
    operation: AnyOperation,
    socket: UserSocket<T>,
    body: object,
    withinMs = ANSWER_MS,
  ): Promise<Record<string, unknown>> {
    const bytes = Buffer.from(JSON.stringify(body));
    if (bytes.length > BODY_LIMIT) throw refuse('payload_too_large');
    const { token = '', claims } = socket.data;
    const isStaff = claims?.roles.includes('admin') === true || claims?.roles.includes('support') === true;
    if (operation.access === 'staff' && !isStaff) throw refuse('forbidden');
    const answer = await within(
      withinMs,
      this.upstreams.forward(operation, bytes, {
        requestId: uuidv7(),
        token,
        client: {
          ip: this.server.addressOf(socket.request),
          agent: (socket.request.headers['user-agent'] ?? '').slice(0, AGENT_LIMIT),
          socket: socket.id,
        },
      }),
      () => {
        throw refuse('timeout');
      },
    );
    return answer.length === 0 ? {} : (JSON.parse(answer.toString()) as Record<string, unknown>);
  }
}
