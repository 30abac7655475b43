import { OneOf, Text, Uuid, Whole } from '../fields.ts';
import { listOf } from '../page.ts';

/** Tokens of this session or user issued before `before` (milliseconds) are refused. */
export class Revocation {
  @OneOf(['session', 'user']) kind!: 'session' | 'user';
  @Uuid() id!: string;
  @Whole(0, Number.MAX_SAFE_INTEGER) before!: number;
}

export class RevocationList extends listOf(Revocation) {}

export class MailAddress {
  @Text(1, 254) email!: string;
}

export class UserReference {
  @Uuid() userId!: string;
}

export class AddressOfUser {
  @Uuid() userId!: string;
  @Uuid() addressId!: string;
}
