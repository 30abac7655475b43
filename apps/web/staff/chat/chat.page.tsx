import { Link, Route, Switch, useSearchParams } from 'wouter';
import { PAGED, queries } from '../../parts/api.ts';
import '../../parts/chat/chat.css';
import { useChatLine, useChatNews } from '../../parts/chat/chat-line.ts';
import { ThreadList } from '../../parts/chat/thread-list.tsx';
import { failureIn } from '../../parts/failure.ts';
import { Failed, Loading, ShowMore } from '../../parts/notices.tsx';
import { CannedPage } from './canned.page.tsx';
import { addressOf, BOXES, type Box, boxOf, customerOf, filtersIn, queryOf, readInboxSoon } from './inbox.ts';
import { InboxSearch } from './inbox-search.tsx';
import { ReportsPage } from './reports.page.tsx';
import { StaffConversation } from './staff-conversation.tsx';

export const StaffChatPage = () => (
  <Switch>
    <Route path="/chat">
      <Inbox />
    </Route>
    <Route path="/chat/canned" component={CannedPage} />
    <Route path="/chat/reports" component={ReportsPage} />
    <Route path="/chat/:threadId">{({ threadId }) => <Inbox shownId={threadId} />}</Route>
  </Switch>
);

/** What customers ask, and one of their chats beside it. */
function Inbox({ shownId }: { shownId?: string }) {
  const [address] = useSearchParams();
  const asked = filtersIn(address);
  useChatLine();
  const list = queries.useInfiniteQuery('get', '/api/chat/support', { params: { query: { ...queryOf(asked), limit: 20 } } }, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  const counts = list.data?.pages[0]?.counts;
  useChatNews('thread', readInboxSoon);
  return (
    <div className={shownId === undefined ? 'chat-page staff-chats' : 'chat-page staff-chats is-open with-side'}>
      <title>Chats – Only2U staff</title>
      <div className="threads-column">
        <div className="chat-head">
          {shownId === undefined ? <h1>Chats</h1> : <h2>Chats</h2>}
          <span className="pieces">
            <Link to="/chat/canned">Canned answers</Link>
            <Link to="/chat/reports">Reports</Link>
          </span>
        </div>
        <nav className="counted" aria-label="Which chats">
          {BOXES.map((box) => (
            <BoxLink key={box} box={box} isShown={box === boxOf(asked)} count={box === 'all' ? undefined : counts?.[box]} />
          ))}
        </nav>
        <InboxSearch key={`${address}`} asked={asked} />
        {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
        {items === undefined && failure === undefined && <Loading what="the chats" />}
        {items?.length === 0 && <p className="quiet">There is nothing here.</p>}
        <ThreadList
          threads={items ?? []}
          shownId={shownId}
          addressOf={({ id }) => addressOf(asked, id)}
          title={(thread) => `${customerOf(thread)?.name ?? 'Deleted user'}: ${thread.subject ?? ''}`}
          remark={(thread) => thread.status !== undefined && <span className={`badge ${thread.status}`}>{WORDS[thread.status]}</span>}
        />
        <ShowMore list={list} />
      </div>
      {shownId === undefined ? (
        <p className="wide-only quiet centred">Choose a chat to read it.</p>
      ) : (
        <StaffConversation key={shownId} threadId={shownId} back={addressOf(asked)} />
      )}
    </div>
  );
}

const WORDS = { open: 'Waiting', assigned: 'Assigned', closed: 'Closed' } as const;
const BOX_WORDS: Readonly<Record<Box, string>> = { open: 'Queue', mine: 'Mine', assigned: 'Assigned', closed: 'Closed', all: 'All' };

const BoxLink = ({ box, isShown, count }: { box: Box; isShown: boolean; count: number | undefined }) => (
  <Link to={addressOf({ box })} aria-current={isShown ? 'true' : undefined}>
    {count === undefined ? BOX_WORDS[box] : `${BOX_WORDS[box]} ${count}`}
  </Link>
);
