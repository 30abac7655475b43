import type {
  Feedback,
  FeedbackCategory,
  FeedbackContext,
  FeedbackHold,
  FeedbackImage,
  FeedbackMove,
  FeedbackNote,
  FeedbackPriority,
  FeedbackReply,
  FeedbackStatus,
  StaffFeedback,
} from '#libs/contracts/feedback/views';
import { type Sql, sql, when } from '#libs/persistence/sql';

/** A row with its parts, of one moment. */
export interface FeedbackRow {
  readonly id: string;
  readonly user_id: string | null;
  readonly category: FeedbackCategory;
  readonly subject: string;
  readonly message: string;
  readonly rating: number | null;
  readonly image_ids: string[];
  readonly order_id: string | null;
  readonly product_id: string | null;
  readonly app_version: string | null;
  readonly context: FeedbackContext;
  readonly status: FeedbackStatus;
  readonly votes: number;
  readonly public_title: string | null;
  readonly priority: FeedbackPriority;
  readonly assignee_id: string | null;
  readonly tags: string[];
  readonly held: boolean;
  readonly holds: FeedbackHold[];
  readonly merged_into: string | null;
  readonly due_at: Date;
  readonly first_response_at: Date | null;
  readonly escalated_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly staff_updated_at: Date;
  readonly is_overdue: boolean;
  /** Of the one that it is merged into; null for the staff, who see both as they are. */
  readonly target_status: FeedbackStatus | null;
  readonly subscribed: boolean | null;
  readonly replies: FeedbackReply[];
  readonly timeline: FeedbackMove[];
  readonly notes?: FeedbackNote[];
  readonly merged_from?: string[];
}

export type Viewer = 'author' | 'staff';

/** Rows of `found`, a query for rows of `feedback`, with all that is shown of them: one statement, so that status and timeline are of one moment. */
export const withParts = (found: Sql, viewer: Viewer, order: Sql): Sql => sql`
  WITH found AS (${found})
  SELECT found.*, ${viewer === 'author' ? sql`target.status` : sql`NULL`} AS target_status, found.first_response_at IS NULL AND found.due_at <= now() AS is_overdue,
    (SELECT subscribed FROM feedback_people WHERE feedback_id = found.id AND user_id = found.user_id) AS subscribed,
    (SELECT coalesce(json_agg(json_build_object('id', id, 'from', CASE WHEN by_author THEN 'author' ELSE 'staff' END, 'body', body, 'at', at) ORDER BY id), '[]')
      FROM feedback_replies WHERE feedback_id = found.id) AS replies,
    (SELECT json_agg(json_build_object('status', status, 'at', at) ORDER BY is_later, number) FROM (
      SELECT status, at, number, false AS is_later FROM feedback_moves WHERE feedback_id = found.id
      ${when(
        viewer === 'author',
        () =>
          sql`UNION ALL SELECT status, at, number, true FROM feedback_moves WHERE feedback_id = found.merged_into AND number > found.merged_moves`,
      )}) shown) AS timeline
    ${when(
      viewer === 'staff',
      () => sql`,
    (SELECT coalesce(json_agg(json_build_object('id', id, 'body', body, 'by', user_id, 'at', at) ORDER BY id), '[]')
      FROM feedback_notes WHERE feedback_id = found.id) AS notes,
    (SELECT coalesce(json_agg(id ORDER BY id), '[]') FROM feedback merged WHERE merged.merged_into = found.id) AS merged_from`,
    )}
  FROM found LEFT JOIN feedback target ON target.id = found.merged_into ORDER BY ${order}`;

/** What its author sees. */
export function feedbackOf(row: FeedbackRow, images: readonly FeedbackImage[]): Feedback {
  const timeline = row.timeline.map(({ status, at }) => ({ status, at: moment(at) }));
  return {
    id: row.id,
    userId: row.user_id,
    category: row.category,
    subject: row.subject,
    message: row.message,
    ...given('rating', row.rating),
    images: [...images],
    ...given('orderId', row.order_id),
    ...given('productId', row.product_id),
    ...given('appVersion', row.app_version),
    status: row.target_status ?? row.status,
    subscribed: row.subscribed ?? false,
    votes: row.votes,
    replies: row.replies.map((reply) => ({ ...reply, at: moment(reply.at) })),
    timeline,
    createdAt: row.created_at.toISOString(),
    updatedAt: latest(row.updated_at.toISOString(), timeline.at(-1)?.at),
  };
}

export function staffFeedbackOf(row: FeedbackRow, images: readonly FeedbackImage[]): StaffFeedback {
  const shown = feedbackOf(row, images);
  return {
    ...shown,
    updatedAt: latest(shown.updatedAt, row.staff_updated_at.toISOString()),
    assigneeId: row.assignee_id,
    priority: row.priority,
    tags: row.tags,
    held: row.held,
    holds: row.holds,
    ...given('publicTitle', row.public_title),
    notes: (row.notes ?? []).map((note) => ({ ...note, at: moment(note.at) })),
    ...given('mergedInto', row.merged_into),
    mergedFrom: row.merged_from ?? [],
    context: row.context,
    ...given('firstResponseAt', row.first_response_at?.toISOString() ?? null),
    dueAt: row.due_at.toISOString(),
    overdue: row.is_overdue,
    ...given('escalatedAt', row.escalated_at?.toISOString() ?? null),
  };
}

const moment = (at: string): string => new Date(at).toISOString();
const latest = (one: string, other = ''): string => (one > other ? one : other);

/** The member, unless there is nothing to show. */
const given = <const Name extends string, Value>(name: Name, value: Value | null): { readonly [K in Name]?: Value } | undefined =>
  value === null ? undefined : ({ [name]: value } as { readonly [K in Name]: Value });
