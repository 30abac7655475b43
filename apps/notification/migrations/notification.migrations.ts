import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Notifications1764500000000 } from './1764500000000-notifications.ts';

import { Reach1764500100000 } from './1764500100000-reach.ts';
import { Campaigns1764500200000 } from './1764500200000-campaigns.ts';
import { Erasure1764500300000 } from './1764500300000-erasure.ts';
import { Digests1764500400000 } from './1764500400000-digests.ts';
import { MessagesOfAnOrder1764500500000 } from './1764500500000-messages-of-an-order.ts';
import { ChatTellings1764500600000 } from './1764500600000-chat-tellings.ts';

export const migrations = [
  MessagingTables1764000000000,
  Notifications1764500000000,
  Reach1764500100000,
  Campaigns1764500200000,
  Erasure1764500300000,
  Digests1764500400000,
  MessagesOfAnOrder1764500500000,
  ChatTellings1764500600000,
];

export { keyspace } from './notification.keyspace.ts';
