import { Injectable } from '@nestjs/common';
import argon2 from 'argon2';
import { refuse } from '#libs/contracts/errors';

/** OWASP's second recommendation: 19 MiB, two passes, one lane. */
const COST = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each run takes 19 MiB and a core; sign-ins that come faster wait, and too many are refused. */
const AT_ONCE = 2;
const MAX_WAITING = 100;

/** Hashes and checks passwords, exact bytes as typed. */
@Injectable()
export class Passwords {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly decoy = argon2.hash('nobody has this password', COST);

  hash(password: string): Promise<string> {
    return this.bounded(() => argon2.hash(Buffer.from(password), COST));
  }

  /** Takes as long for an unknown account, so that its silence tells nobody anything. */
  async matches(hash: string | null | undefined, password: string): Promise<boolean> {
    const against = hash ?? (await this.decoy);
    const isRight = await this.bounded(() => argon2.verify(against, Buffer.from(password)));
    return isRight && typeof hash === 'string';
  }

  private async bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < AT_ONCE) this.running += 1;
    else {
      if (this.waiting.length >= MAX_WAITING) throw refuse('unavailable', 'Too many sign-ins at once');
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      // The slot passes on to the next in the queue, so that no newcomer takes it in between.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
