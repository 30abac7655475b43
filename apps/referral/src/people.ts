import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { Person } from '#libs/contracts/auth/messages';
import { Refusal } from '#libs/contracts/errors';
import { InjectPeer, type Peer } from '#libs/messaging/peer';
import { DELETED, firstNameOf } from './referral.ts';

/** Names of people, asked for when they are shown. */
@Injectable()
export class People {
  constructor(@InjectPeer(authApi) private readonly auth: Peer<typeof authApi>) {}

  /** Those of them who have an account; undefined while auth is away. */
  async among(userIds: readonly string[]): Promise<ReadonlyMap<string, Person> | undefined> {
    if (userIds.length === 0) return new Map();
    try {
      const { items } = await this.auth.people({ userIds: [...new Set(userIds)] });
      return new Map(items.map((person) => [person.userId, person]));
    } catch (error) {
      if (error instanceof Refusal && error.retryable) return undefined;
      throw error;
    }
  }

  /** First names, for members of an answer; nothing while auth is away. */
  async names(userIds: readonly string[]): Promise<(userId: string) => { readonly name?: string }> {
    const people = await this.among(userIds);
    return (userId) => {
      if (people === undefined) return {};
      const person = people.get(userId);
      return { name: person === undefined ? DELETED : firstNameOf(person.name) };
    };
  }
}
