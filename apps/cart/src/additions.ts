import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { cartApi } from '#libs/contracts/cart/api';
import type { AddedVariant } from '#libs/contracts/cart/messages';
import { Signals } from '#libs/messaging/signals';
import { type Round, Rounds } from '#libs/runtime/rounds';
import { userIdOf } from './cart.ts';

/** Milliseconds that an addition waits for company. */
const TOGETHER_MS = 1_000;
/** It is woken by additions; this only bounds what a lost timer could cost. */
const ROUND_MS = 60_000;
/** Additions in one signal. */
const MOST = 500;

/** Says what is put into carts, many at once. Only what people like is reckoned by it, so a lost one harms nobody. */
@Injectable()
export class Additions {
  private waiting: AddedVariant[] = [];
  private readonly round: Round;

  constructor(
    private readonly signals: Signals,
    rounds: Rounds,
  ) {
    this.round = rounds.every('cart.additions', ROUND_MS, async () => this.tell());
  }

  note(owner: string, variantId: string): void {
    this.waiting.push({ person: userIdOf(owner) ?? numberOf(owner), variantId });
    if (this.waiting.length >= MOST) this.tell();
    else this.round.wake(TOGETHER_MS);
  }

  private tell(): void {
    const items = this.waiting;
    this.waiting = [];
    if (items.length > 0) this.signals.send(cartApi.signals.added, { items });
  }
}

/** The same for each addition of a guest, and of no use to whoever wants their cart. */
function numberOf(owner: string): string {
  const digits = hash('sha256', `adds ${owner}`, 'hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}
