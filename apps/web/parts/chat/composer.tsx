import { type FormEvent, type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { ChatSocket } from '#libs/client/chat-socket';
import { useAction } from '../action.ts';
import { storeFile } from '../store-file.ts';
import { ChatRefused } from './chat-notices.tsx';
import { outbox } from './chat-outbox.ts';
import { useChatWords } from './chat-words.ts';
import { newMessageId } from './message-id.ts';
import type { Waiting } from './outbox.ts';
import { keepShown } from './stored-here.ts';

const FILE_TYPES = 'image/jpeg,image/png,image/webp,image/avif,application/pdf,text/plain,text/csv';
const MOST_FILES = 10;
const MOST_CHARACTERS = 4_000;
/** The others are told every two seconds at most, and it ends by itself after six. */
const TELL_TYPING_MS = 3_000;

interface ComposerProps {
  readonly threadId: string;
  readonly socket: ChatSocket | undefined;
  /** Other things that can be sent. */
  readonly children?: ReactNode;
  /** Text that somebody chose, such as a canned answer; it comes behind what is written. */
  readonly proposal?: { readonly text: string };
}

/** Where a message is written. What is sent from here leaves by the outbox. */
export function Composer({ threadId, socket, children, proposal }: ComposerProps) {
  const words = useChatWords();
  const id = useId();
  const [text, setText] = useState('');
  const [files, setFiles] = useState<Waiting['files']>([]);
  const [remark, setRemark] = useState('');
  const { busy, failure, run } = useAction();
  const input = useRef<HTMLTextAreaElement>(null);
  const told = useRef(0);

  useEffect(() => {
    if (proposal === undefined) return;
    setText((before) => (before.trim() === '' ? proposal.text : `${before}\n${proposal.text}`));
    input.current?.focus();
  }, [proposal]);

  const tellTyping = (typing: boolean): void => {
    if (typing === told.current > 0 && (!typing || Date.now() - told.current < TELL_TYPING_MS)) return;
    told.current = typing ? Date.now() : 0;
    // Whoever does not hear of it misses nothing that counts.
    socket?.ask('typing', { threadId, typing }).catch(() => undefined);
  };
  const write = (value: string): void => {
    setText(value);
    tellTyping(value.trim() !== '');
  };
  const isEmpty = text.trim() === '' && files.length === 0;
  const send = (): void => {
    if (isEmpty || busy) return;
    const clientMessageId = newMessageId();
    if (files.length === 0) outbox.add({ threadId, clientMessageId, type: 'text', body: text });
    else {
      const attachments = files.map(({ fileId }) => fileId);
      outbox.add({ threadId, clientMessageId, type: 'image', attachments, ...(text.trim() !== '' && { body: text }) }, files);
    }
    setText('');
    setFiles([]);
    told.current = 0;
    input.current?.focus();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    send();
  };
  const press = (event: KeyboardEvent): void => {
    // The Enter that takes a word of an input method sends nothing, and a phone's keyboard has no other way to a new line.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || !matchMedia('(pointer: fine)').matches) return;
    event.preventDefault();
    send();
  };
  const add = (chosen: FileList): void => {
    const taken = [...chosen].slice(0, MOST_FILES - files.length);
    setRemark(taken.length < chosen.length ? words.tooManyFiles : '');
    void run(async () => {
      for (const file of taken) {
        const stored = await storeFile(file, 'chat');
        keepShown(stored);
        const { mime, size, width, height } = stored;
        const one = {
          fileId: stored.id,
          name: file.name,
          mime,
          size,
          ...(width !== undefined && height !== undefined && { width, height }),
        };
        setFiles((before) => [...before, one]);
      }
    });
  };
  return (
    <form className="composer" onSubmit={submit}>
      {files.length > 0 && (
        <ul className="chosen-files">
          {files.map(({ fileId, name }) => (
            <li key={fileId}>
              <span>{name}</span>
              <button
                type="button"
                className="plain"
                aria-label={words.removePicture(name)}
                onClick={() => setFiles((before) => before.filter((one) => one.fileId !== fileId))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      <p className="quiet" role="status">
        {busy ? words.storing : remark}
      </p>
      <ChatRefused failure={failure} />
      <div className="composer-row">
        <label className="attach" title={words.addPicture}>
          <input
            type="file"
            className="unseen"
            accept={FILE_TYPES}
            multiple
            disabled={busy || files.length >= MOST_FILES}
            onChange={({ target }) => {
              if (target.files !== null && target.files.length > 0) add(target.files);
              target.value = '';
            }}
          />
          <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M20 11.5 12.3 19a5 5 0 0 1-7-7.1L13 4.3a3.3 3.3 0 0 1 4.7 4.7l-7.6 7.6a1.7 1.7 0 0 1-2.4-2.4l7-7" />
          </svg>
          <span className="unseen">{words.addPicture}</span>
        </label>
        <label className="unseen" htmlFor={id}>
          {words.writeMessage}
        </label>
        <textarea
          id={id}
          ref={input}
          value={text}
          rows={1}
          maxLength={MOST_CHARACTERS}
          placeholder={words.writeMessage}
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => write(target.value)}
          onKeyDown={press}
          onBlur={() => tellTyping(false)}
        />
        <button type="submit" className="button" disabled={isEmpty || busy} data-testid="send-message">
          {words.send}
        </button>
      </div>
      <small id={`${id}-hint`} className="send-hint">
        {words.sendHint}
      </small>
      <div className="composer-extras">{children}</div>
    </form>
  );
}
