import type { Message } from '#libs/client/chat-types';
import { queries } from '../api.ts';
import { fileAddress } from '../file-address.ts';
import { useChatWords } from './chat-words.ts';
import { shownHere } from './stored-here.ts';

type Attachment = NonNullable<Message['attachments']>[number];

/** Links are good for longer; a page that stays open asks for new ones. */
const FRESH_MS = 120_000;
const SIDE = 220;

/** Files of a message, each of which opens in a tab of its own. */
export function Attachments({ messageId, files }: { messageId: string | undefined; files: readonly Attachment[] }) {
  if (files.length === 0) return null;
  return (
    <ul className="chat-files">
      {files.map((file, index) => (
        <li key={file.fileId}>
          {messageId === undefined ? (
            <File file={file} index={index} url={shownHere(file.fileId)} />
          ) : (
            <Stored messageId={messageId} file={file} index={index} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Stored({ messageId, file, index }: { messageId: string; file: Attachment; index: number }) {
  const params = { path: { id: messageId, fileId: file.fileId } };
  const options = { staleTime: FRESH_MS };
  const { data, isError } = queries.useQuery('get', '/api/chat/messages/{id}/attachments/{fileId}', { params }, options);
  return <File file={file} index={index} url={data?.url ?? shownHere(file.fileId)} isGone={isError} />;
}

interface FileProps {
  readonly file: Attachment;
  readonly index: number;
  readonly url: string | undefined;
  readonly isGone?: boolean;
}

function File({ file: { name, mime, width, height }, index, url, isGone = false }: FileProps) {
  const words = useChatWords();
  if (isGone) return <span className="quiet">{words.pictureGone}</span>;
  if (!mime.startsWith('image/')) {
    return url === undefined ? (
      <span className="quiet">{name}</span>
    ) : (
      <a href={fileAddress(url)} target="_blank" rel="noopener noreferrer">
        {name}
      </a>
    );
  }
  // Its place is kept, so that nothing jumps when it is there.
  const ratio = width === undefined || height === undefined ? 1 : width / height;
  const size = { width: Math.round(SIDE * Math.min(1, ratio)), height: Math.round(SIDE / Math.max(1, ratio)) };
  if (url === undefined) return <span className="chat-picture" style={size} />;
  return (
    <a href={fileAddress(url)} target="_blank" rel="noopener noreferrer">
      <img className="chat-picture" src={fileAddress(url)} alt={words.picture(index + 1)} {...size} />
    </a>
  );
}
