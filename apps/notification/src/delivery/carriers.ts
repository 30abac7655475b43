import { Injectable } from '@nestjs/common';
import type { Channel } from '#libs/contracts/notification/views';
import { FeedCarrier } from '../feed/feed-carrier.ts';
import { InboxCarrier } from './inbox-carrier.ts';
import type { Carrier } from './outgoing.ts';

/** Who takes the messages of a channel. */
@Injectable()
export class Carriers {
  constructor(
    private readonly feed: FeedCarrier,
    private readonly inbox: InboxCarrier,
  ) {}

  of(channel: Channel): Carrier {
    return channel === 'in_app' ? this.feed : this.inbox.of(channel);
  }
}
