import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectEnvironment } from '#libs/runtime/app-environment';
import { type PaymentEnv, paymentEnv } from './payment.env.ts';

/** Hashes of what payments were paid by. A UPI id or the last digits of a card are soon guessed, so the hashes need a key. */
@Injectable()
export class Instruments {
  private readonly keys: readonly string[];

  constructor(@InjectEnvironment(paymentEnv) env: PaymentEnv) {
    this.keys = [env.INSTRUMENT_KEY, env.INSTRUMENT_KEY_PREVIOUS].filter((key) => key !== undefined);
  }

  /** With each key, so that a payment can be compared with those before the key was changed. */
  hashesOf(instruments: readonly string[]): string[] {
    return this.keys.flatMap((key) => instruments.map((one) => createHmac('sha256', key).update(one).digest('base64url')));
  }
}
