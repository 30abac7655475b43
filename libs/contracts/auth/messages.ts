import {
  Email,
  Flag,
  Nullable,
  OneOf,
  Optional,
  Phone,
  Pincode,
  Text,
  TextList,
  Timestamp,
  Uuid,
  UuidList,
  Whole,
  Words,
} from '../fields.ts';
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

export class UsersAsked {
  @UuidList(0, 200) userIds!: string[];
}

/** An account as other services show it. */
export class Person {
  @Uuid() userId!: string;
  @Text(1, 100) name!: string;
  @TextList(3, 1, 20) roles!: string[];
  @Flag() disabled!: boolean;
  /** Whether they proved an e-mail address or a phone number. */
  @Flag() verified!: boolean;
  @Timestamp() createdAt!: string;
}

/** Unknown and erased users are missing; in no particular order. */
export class PersonList extends listOf(Person) {}

export class ContactsAsked {
  @UuidList(0, 500) userIds!: string[];
}

/** Where messages for a user go; to be asked when one leaves, and never kept. */
export class Contact {
  @Uuid() userId!: string;
  @Nullable() @Email() email!: string | null;
  @Flag() emailVerified!: boolean;
  @Nullable() @Phone() phone!: string | null;
  @Flag() phoneVerified!: boolean;
  @Text(1, 100) name!: string;
  @Flag() disabled!: boolean;
}

/** Unknown and erased users are missing; in no particular order. */
export class ContactList extends listOf(Contact) {}

export class AccountsAsked {
  /** The last id of the page before. */
  @Optional() @Uuid() after?: string;
  @Optional() @Timestamp() registeredSince?: string;
  @Whole(1, 500) limit: number = 500;
}

export class AccountIds {
  @UuidList(0, 500) userIds!: string[];
  /** What to ask after for more; null at the end. */
  @Nullable() @Uuid() next!: string | null;
}

export class StaffIds {
  @UuidList(0, Number.MAX_SAFE_INTEGER) userIds!: string[];
}

export class TwoUsers {
  @Uuid() userId!: string;
  @Uuid() otherId!: string;
}

export class PlaceOfUser {
  @Uuid() userId!: string;
  @Words(1, 200) line1!: string;
  @Pincode() pincode!: string;
}

export class Sameness {
  @Flag() same!: boolean;
}

export const AUTH_MESSAGES = ['otp', 'email_verification', 'password_reset', 'staff_invitation'] as const;
export type AuthMessage = (typeof AUTH_MESSAGES)[number];

/** A message that only auth can word: it has a secret in it. */
export class MessageDue {
  @Uuid() messageId!: string;
  @OneOf(AUTH_MESSAGES) template!: AuthMessage;
  @OneOf(['sms', 'email']) channel!: 'sms' | 'email';
  /** A phone number or a mail address, by `channel`. */
  @Text(3, 254) to!: string;
  /** Absent for a number that belongs to nobody yet. */
  @Optional() @Uuid() userId?: string;
  /** The code or the token, closed by `SecretTexts` for the place `messageId`. */
  @Text(1, 2_000) sealed!: string;
  @Timestamp() expiresAt!: string;
}

export class Registered {
  @Uuid() userId!: string;
  @Optional() @Text(1, 40) referralCode?: string;
  @Optional() @Text(16, 128) deviceId?: string;
  @Timestamp() at!: string;
}

export class ContactVerified {
  @Uuid() userId!: string;
  @OneOf(['email', 'phone']) kind!: 'email' | 'phone';
  @Timestamp() at!: string;
}

/** The first time of the pair, at registration or sign-in. */
export class DeviceSeen {
  @Uuid() userId!: string;
  @Text(16, 128) deviceId!: string;
  @Timestamp() at!: string;
}

export class AccountChanged {
  @Uuid() userId!: string;
  @TextList(3, 1, 20) roles!: string[];
  @Flag() disabled!: boolean;
  /** Counts the changes of this account: the highest is how it stands. */
  @Whole(0, Number.MAX_SAFE_INTEGER) version!: number;
  @Timestamp() at!: string;
}

export class SessionEnded {
  @Uuid() userId!: string;
  @UuidList(1, Number.MAX_SAFE_INTEGER) sessionIds!: string[];
  @Timestamp() at!: string;
}

/** An account is gone for good: every service lets go of what is its owner's, and drops later events about them. */
export class AccountErased {
  @Uuid() userId!: string;
  @Timestamp() at!: string;
}

export const SECURITY_NOTICES = ['password_changed', 'new_sign_in', 'session_replay'] as const;
export type SecurityNotice = (typeof SECURITY_NOTICES)[number];

export class SecurityNoticed {
  @Uuid() userId!: string;
  @OneOf(SECURITY_NOTICES) template!: SecurityNotice;
  @Timestamp() at!: string;
}
