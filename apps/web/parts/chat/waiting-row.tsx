import { Attachments } from './attachments.tsx';
import { ChatRefused } from './chat-notices.tsx';
import { outbox } from './chat-outbox.ts';
import { useChatWords } from './chat-words.ts';
import { Ticks } from './message-row.tsx';
import type { Waiting } from './outbox.ts';

/** A message that is still to be sent, as it will look. */
export function WaitingRow({ waiting: { message, files, refusal } }: { waiting: Waiting }) {
  const words = useChatWords();
  const { clientMessageId, body = '', type } = message;
  return (
    <li className="chat-row own" data-testid="waiting">
      <div className={refusal === undefined ? 'bubble waiting' : 'bubble failed'}>
        <span className="unseen">{words.you}</span>
        <Attachments messageId={undefined} files={files} />
        {type === 'product' && <p className="quiet">{words.productMessage}</p>}
        {type === 'order' && <p className="quiet">{words.orderMessage}</p>}
        {body !== '' && (
          <p className="said" dir="auto">
            {body}
          </p>
        )}
        <span className="stamp">{refusal === undefined ? <Ticks tick="waiting" /> : <span className="mark">{words.failed}</span>}</span>
        {refusal !== undefined && (
          <>
            <ChatRefused failure={refusal} />
            <div className="buttons">
              <button type="button" className="plain" onClick={() => outbox.retry(clientMessageId)}>
                {words.retry}
              </button>
              <button type="button" className="plain" onClick={() => outbox.discard(clientMessageId)}>
                {words.discard}
              </button>
            </div>
          </>
        )}
      </div>
    </li>
  );
}
