import { useState } from 'react';
import { Link, Route, Switch } from 'wouter';
import { MINE, PAGED, queries } from '../../parts/api.ts';
import '../../parts/chat/chat.css';
import { useChatLine, useChatNews, useDelivered } from '../../parts/chat/chat-line.ts';
import { ChatFailed, ChatLoading, LanguageSwitch } from '../../parts/chat/chat-notices.tsx';
import { useChatWords } from '../../parts/chat/chat-words.ts';
import { ThreadList } from '../../parts/chat/thread-list.tsx';
import { failureIn } from '../../parts/failure.ts';
import { language } from '../../parts/language.ts';
import { ShowMore } from '../../parts/notices.tsx';
import { ChatSettings } from './chat-settings.tsx';
import { FriendChat } from './friend-chat.tsx';
import { NewChat } from './new-chat.tsx';
import { ShopConversation } from './shop-conversation.tsx';
import { readThreadsSoon, THREADS, titleOf } from './threads.ts';

/** All that has to do with chats, in the language of the reader's choice. */
export const ChatPage = () => (
  <section lang={language.use() === 'hi' ? 'hi' : 'en-IN'}>
    <Switch>
      <Route path="/chat">
        <Chats />
      </Route>
      <Route path="/chat/new" component={NewChat} />
      <Route path="/chat/with/:userId">{({ userId }) => <FriendChat userId={userId} />}</Route>
      <Route path="/chat/:threadId">{({ threadId }) => <Chats shownId={threadId} />}</Route>
    </Switch>
  </section>
);

function Chats({ shownId }: { shownId?: string }) {
  const words = useChatWords();
  useChatLine();
  return (
    <div className={shownId === undefined ? 'chat-page' : 'chat-page is-open'}>
      <title>{`${words.chats} – Only2U`}</title>
      <div className="threads-column">
        <div className="chat-head">
          {shownId === undefined ? <h1>{words.yourChats}</h1> : <h2>{words.yourChats}</h2>}
          <LanguageSwitch />
        </div>
        <p>
          <Link to="/chat/new" className="button">
            {words.askUs}
          </Link>
        </p>
        <Threads shownId={shownId} />
        <ChatSettings />
      </div>
      {shownId === undefined ? <p className="wide-only quiet centred">{words.chooseChat}</p> : <ShopConversation threadId={shownId} />}
    </div>
  );
}

function Threads({ shownId }: { shownId: string | undefined }) {
  const words = useChatWords();
  const [isUnreadOnly, setIsUnreadOnly] = useState(false);
  const query = { limit: 20, ...(isUnreadOnly && { unread: true }) };
  const list = queries.useInfiniteQuery('get', THREADS, { params: { ...MINE, query } }, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  useDelivered(items);
  useChatNews('thread', readThreadsSoon);
  useChatNews('message', readThreadsSoon);
  return (
    <>
      <label className="tick">
        <input type="checkbox" checked={isUnreadOnly} onChange={({ target }) => setIsUnreadOnly(target.checked)} />
        <span>{words.unreadOnly}</span>
      </label>
      {failure !== undefined && <ChatFailed failure={failure} retry={() => void list.refetch()} />}
      {items === undefined && failure === undefined && <ChatLoading words={words.loadingChats} />}
      {items?.length === 0 && (
        <div className="panel centred">
          <h2>{words.noChats}</h2>
          <p>{words.noChatsHint}</p>
        </div>
      )}
      <ThreadList
        threads={items ?? []}
        shownId={shownId}
        addressOf={({ id }) => `/chat/${id}`}
        title={(thread) => titleOf(words, thread)}
        remark={({ status }) => status !== undefined && <span className={`badge ${status}`}>{words.status[status]}</span>}
      />
      <ShowMore list={list} />
    </>
  );
}
