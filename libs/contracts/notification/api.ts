import { contract, operation, signal } from '../contract.ts';
import { exportOperation } from '../export.ts';
import { Flag, Means, OneOf, Optional, Uuid } from '../fields.ts';
import { ById, ByUser, Nothing, PageQuery } from '../page.ts';
import { NotificationShown, Unread, UnreadChanged } from './messages.ts';
import { CATEGORIES, type Category, NotificationPage, UnreadCount } from './views.ts';

export class ListNotifications extends PageQuery {
  @Uuid() userId!: string;
  @Optional() @Flag() unread?: boolean;
  @Optional() @OneOf(CATEGORIES) category?: Category;
}

export class ReadAll extends ByUser {
  @Means('The newest that the client has seen: later ones stay unread.') @Optional() @Uuid() upTo?: string;
}

export const notificationApi = contract('notification', {
  operations: {
    list: operation({
      summary: 'Own notifications, newest first',
      access: 'user',
      http: 'GET /notifications/user/:userId',
      in: ListNotifications,
      out: NotificationPage,
    }),
    read: operation({
      summary: 'Mark a notification as read',
      access: 'user',
      http: 'POST /notifications/:id/read',
      in: ById,
      out: UnreadCount,
      status: 200,
    }),
    readAll: operation({
      summary: 'Mark all notifications as read, or those up to one',
      access: 'user',
      http: 'POST /notifications/user/:userId/read-all',
      in: ReadAll,
      out: UnreadCount,
      status: 200,
    }),
    remove: operation({ summary: 'Remove a notification from the list', access: 'user', http: 'DELETE /notifications/:id', in: ById }),
    myUnread: operation({ summary: 'How many are unread', access: 'user', in: Nothing, out: Unread }),
    exportOf: exportOperation('What a user was told, for that archive'),
  },
  signals: {
    shown: signal({ summary: 'A notification stands in the list of its user', data: NotificationShown }),
    unread: signal({ summary: 'Another number is unread', data: UnreadChanged }),
  },
});
