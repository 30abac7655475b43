import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { Accounts1764000200000 } from './1764000200000-accounts.ts';
import { Retention1764000300000 } from './1764000300000-retention.ts';
import { ConfirmedAddresses1764000600000 } from './1764000600000-confirmed-addresses.ts';
import { AuditRights1764000700000 } from './1764000700000-audit-rights.ts';
import { SigningKeys1764000800000 } from './1764000800000-signing-keys.ts';
import { PasswordResets1764000900000 } from './1764000900000-password-resets.ts';
import { OneTimeCodes1764001000000 } from './1764001000000-one-time-codes.ts';
import { SecondFactors1764001100000 } from './1764001100000-second-factors.ts';
import { AccountVersions1764001200000 } from './1764001200000-account-versions.ts';
import { Erasures1764001300000 } from './1764001300000-erasures.ts';
import { Passkeys1764001400000 } from './1764001400000-passkeys.ts';
import { Ages1764001490000 } from './1764001490000-ages.ts';
import { ConsentsOfTheErased1764001500000 } from './1764001500000-consents-of-the-erased.ts';

/** A service that was broken into may add to these and cannot take a line out. */
export const appendOnly = ['audit_log'];

export const migrations: (new () => object)[] = [
  MessagingTables1764000000000,
  Accounts1764000200000,
  Retention1764000300000,
  ConfirmedAddresses1764000600000,
  AuditRights1764000700000,
  SigningKeys1764000800000,
  PasswordResets1764000900000,
  OneTimeCodes1764001000000,
  SecondFactors1764001100000,
  AccountVersions1764001200000,
  Erasures1764001300000,
  Passkeys1764001400000,
  Ages1764001490000,
  ConsentsOfTheErased1764001500000,
];
