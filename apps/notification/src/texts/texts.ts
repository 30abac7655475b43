import { Injectable } from '@nestjs/common';
import type { Channel, Locale } from '#libs/contracts/notification/views';
import type { Template } from '../causes.ts';
import { en } from './en.ts';
import { hi } from './hi.ts';
import type { Wording } from './text.ts';

export interface ActiveText {
  readonly wording: Wording;
  readonly version: number;
}

/** The text that is in use for a template, language and channel. */
@Injectable()
export class Texts {
  find(template: Template, locale: Locale, channel: Channel): ActiveText | undefined {
    const wordings: Partial<Record<Channel, Wording>> = { en, hi }[locale][template];
    const wording = wordings[channel];
    return wording === undefined ? undefined : { wording, version: 1 };
  }
}
