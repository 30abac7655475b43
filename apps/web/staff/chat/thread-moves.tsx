import { type FormEvent, useState } from 'react';
import type { Thread } from '#libs/client/chat-types';
import { type Action, useAction } from '../../parts/action.ts';
import { api, ask } from '../../parts/api.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import type { ThreadRoom } from '../../parts/chat/thread-room.ts';
import { TextArea } from '../../parts/text-area.tsx';
import { readInbox } from './inbox.ts';

export interface MovesProps {
  readonly thread: Thread;
  readonly room: ThreadRoom;
}

/** Moves a thread and shows it as it is then. */
export const moved = ({ run }: Action, room: ThreadRoom, move: () => Promise<Thread>): Promise<void> =>
  run(async () => {
    room.keepThread(await move());
    await readInbox();
  });

const paramsOf = ({ id }: Thread) => ({ path: { threadId: id } });

export function ClaimButton({ thread, room }: MovesProps) {
  const action = useAction();
  const claim = (): Promise<void> =>
    moved(action, room, () => ask(api.POST('/api/chat/threads/{threadId}/claim', { params: paramsOf(thread) })));
  return (
    <div className="composer">
      <ChatRefused failure={action.failure} />
      <button type="button" className="button" disabled={action.busy} onClick={claim} data-testid="claim">
        Claim and answer
      </button>
    </div>
  );
}

const WORDS = { open: 'Waiting', assigned: 'Assigned', closed: 'Closed' } as const;

/** How far a thread is, and what comes next. */
export function ThreadMoves({ thread, room }: MovesProps) {
  const action = useAction();
  const [isClosing, setIsClosing] = useState(false);
  const { status } = thread;
  const reopen = (): Promise<void> =>
    moved(action, room, () => ask(api.POST('/api/chat/threads/{threadId}/reopen', { params: paramsOf(thread) })));
  return (
    <div className="buttons">
      {status !== undefined && (
        <span className={`badge ${status}`} data-testid="thread-status">
          {WORDS[status]}
        </span>
      )}
      {status === 'closed' && (
        <button type="button" className="plain" disabled={action.busy} onClick={reopen}>
          Reopen
        </button>
      )}
      {status !== 'closed' && (
        <button type="button" className="plain" onClick={() => setIsClosing(!isClosing)}>
          Close
        </button>
      )}
      {isClosing && status !== 'closed' && <CloseForm thread={thread} room={room} />}
      <ChatRefused failure={action.failure} />
    </div>
  );
}

function CloseForm({ thread, room }: MovesProps) {
  const action = useAction();
  const [note, setNote] = useState('');
  const close = (event: FormEvent): void => {
    event.preventDefault();
    const body = note.trim() === '' ? {} : { note };
    void moved(action, room, () => ask(api.POST('/api/chat/threads/{threadId}/close', { params: paramsOf(thread), body })));
  };
  return (
    <form onSubmit={close}>
      <TextArea label="A word about it" value={note} change={setNote} maxLength={500} rows={2} required={false} />
      <ChatRefused failure={action.failure} />
      <button type="submit" className="button secondary" disabled={action.busy}>
        Close the chat
      </button>
    </form>
  );
}
