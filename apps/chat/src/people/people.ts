import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Person } from '#libs/contracts/auth/messages';
import { InjectPeer, type Peer } from '#libs/messaging/peer';

const AT_ONCE = 200;
export const DELETED_USER = 'Deleted user';

export const worksHere = ({ roles }: Pick<Person, 'roles'>): boolean => roles.includes('support') || roles.includes('admin');

/** Who people are; auth knows. */
@Injectable()
export class People {
  constructor(@InjectPeer(authApi) private readonly auth: Peer<typeof authApi>) {}

  /** Undefined for somebody unknown or erased. */
  async find(userId: string): Promise<Person | undefined> {
    const { items } = await this.auth.people({ userIds: [userId] });
    return items[0];
  }

  /** Undefined while auth does not answer; in it nobody who is unknown or erased. */
  async names(userIds: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    const different = [...new Set(userIds)];
    if (different.length === 0) return new Map();
    const parts = Array.from({ length: Math.ceil(different.length / AT_ONCE) }, (_, index) =>
      different.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
    );
    try {
      const answers = await Promise.all(parts.map((part) => this.auth.people({ userIds: part })));
      return new Map(answers.flatMap(({ items }) => items.map(({ userId, name }) => [userId, name] as const)));
    } catch {
      return undefined;
    }
  }
}
