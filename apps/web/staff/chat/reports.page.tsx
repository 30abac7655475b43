import { Link, useSearchParams } from 'wouter';
import type { Schemas } from '#libs/client/client';
import { useAction } from '../../parts/action.ts';
import { api, ask, PAGED, queries, queryClient } from '../../parts/api.ts';
import { ChatRefused } from '../../parts/chat/chat-notices.tsx';
import { useChatWords } from '../../parts/chat/chat-words.ts';
import { summaryOf } from '../../parts/chat/message-text.ts';
import { failureIn } from '../../parts/failure.ts';
import { Empty, Failed, Loading, ShowMore, SureButton } from '../../parts/notices.tsx';
import { momentOf } from '../../parts/order/order-words.ts';

type Report = Schemas['SeenReport'];

const REPORTS = '/api/chat/reports';
const REASONS: Readonly<Record<Report['reason'], string>> = {
  spam: 'Advertising',
  abuse: 'Abuse',
  fraud: 'Fraud',
  other: 'Something else',
};
const RESOLUTIONS = [
  ['dismissed', 'Nothing is wrong', 'Really nothing'],
  ['deleted', 'Delete the message', 'Really delete it'],
  ['muted', 'Mute the sender', 'Really mute for 7 days'],
] as const;
const RESOLVED: Readonly<Record<NonNullable<Report['resolution']>, string>> = {
  dismissed: 'Nothing was wrong',
  deleted: 'The message was deleted',
  muted: 'The sender was muted',
};

/** Messages that somebody has reported, with what was written before them. */
export function ReportsPage() {
  const [address] = useSearchParams();
  const status = address.get('status') === 'resolved' ? 'resolved' : 'open';
  const list = queries.useInfiniteQuery('get', REPORTS, { params: { query: { status, limit: 20 } } }, PAGED);
  const items = list.data?.pages.flatMap((page) => page.items);
  const failure = items === undefined ? failureIn(list.error) : undefined;
  return (
    <div className="account">
      <title>Reported messages – Only2U staff</title>
      <p className="crumbs back">
        <Link to="/chat">Chats</Link>
      </p>
      <div className="page-head">
        <h1>Reported messages</h1>
      </div>
      <nav className="counted" aria-label="Which reports">
        <Link to="/chat/reports" aria-current={status === 'open' ? 'true' : undefined}>
          Open
        </Link>
        <Link to="/chat/reports?status=resolved" aria-current={status === 'resolved' ? 'true' : undefined}>
          Settled
        </Link>
      </nav>
      {failure !== undefined && <Failed failure={failure} retry={list.refetch} />}
      {items === undefined && failure === undefined && <Loading what="the reports" />}
      {items?.length === 0 && <Empty title="There is nothing here" />}
      <ul className="notices" data-testid="reports">
        {items?.map((report) => (
          <ReportRow key={report.id} report={report} />
        ))}
      </ul>
      <ShowMore list={list} />
    </div>
  );
}

/** Who wrote is not looked up: a report is judged by what was said. */
const NOBODY = { participants: [] };

function ReportRow({ report: { id, reason, note, createdAt, resolution, message, before } }: { report: Report }) {
  const words = useChatWords();
  const { busy, failure, run } = useAction();
  const settle = (chosen: NonNullable<Report['resolution']>): Promise<void> =>
    run(async () => {
      await ask(api.PATCH('/api/chat/reports/{id}', { params: { path: { id } }, body: { resolution: chosen } }));
      await queryClient.invalidateQueries({ queryKey: ['get', REPORTS] });
    });
  return (
    <li className="panel">
      <p className="pieces">
        <strong>{REASONS[reason]}</strong>
        <span className="quiet">{momentOf(createdAt)}</span>
        {resolution !== undefined && <span className="badge">{RESOLVED[resolution]}</span>}
      </p>
      {note !== undefined && <p className="said">{note}</p>}
      <ol className="report-messages">
        {[...before, message].map((one) => (
          <li key={one.id} className={one.senderId === message.senderId ? 'of-sender' : undefined}>
            {one.id === message.id ? (
              <strong className="said">{summaryOf(words, NOBODY, one)}</strong>
            ) : (
              <span className="said">{summaryOf(words, NOBODY, one)}</span>
            )}
          </li>
        ))}
      </ol>
      <ChatRefused failure={failure} />
      {resolution === undefined && (
        <div className="buttons">
          {RESOLUTIONS.map(([value, name, sure]) => (
            <SureButton key={value} sure={sure} busy={busy} press={() => settle(value)}>
              {name}
            </SureButton>
          ))}
        </div>
      )}
    </li>
  );
}
