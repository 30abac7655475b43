import type { FeedbackRow } from './feedback-row.repository.ts';

const COLUMNS = [
  ...['id', 'createdAt', 'category', 'status', 'priority', 'assigneeId', 'userId', 'subject', 'message', 'rating', 'orderId', 'productId'],
  ...['appVersion', 'votes', 'tags'],
];
const AT_ONCE = 500;
const LINE_END = '\r\n';

/** What a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const TO_QUOTE = /[",\r\n]/;

/** As a spreadsheet may open it (RFC 4180). */
export function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return TO_QUOTE.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const line = (values: readonly string[]): string => `${values.map(cell).join(',')}${LINE_END}`;

const lineOf = (row: FeedbackRow): string =>
  line([
    ...[row.id, row.created_at.toISOString(), row.category, row.status, row.priority, row.assignee_id ?? '', row.user_id ?? ''],
    ...[row.subject, row.message, row.rating?.toString() ?? '', row.order_id ?? '', row.product_id ?? '', row.app_version ?? ''],
    ...[row.votes.toString(), row.tags.join(';')],
  ]);

/** A head, then rows as they are read. */
export async function* csvLines(
  rowsAfter: (last: FeedbackRow | undefined, limit: number) => Promise<FeedbackRow[]>,
): AsyncGenerator<string> {
  yield line(COLUMNS);
  let last: FeedbackRow | undefined;
  for (;;) {
    const rows = await rowsAfter(last, AT_ONCE);
    if (rows.length > 0) yield rows.map(lineOf).join('');
    if (rows.length < AT_ONCE) return;
    last = rows.at(-1);
  }
}
