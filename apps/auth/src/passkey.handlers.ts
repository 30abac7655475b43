import { Injectable } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import type { EnrolPasskey, RenamePasskey } from '#libs/contracts/auth/factors';
import type { Passkey, PasskeyCreation, PasskeyList } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { notFound, refuse } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { Database } from '#libs/persistence/database';
import { isUniqueViolation } from '#libs/persistence/database-errors';
import { AccountRepository } from './account.repository.ts';
import { AuditRepository } from './audit.repository.ts';
import { deviceName } from './device-name.ts';
import { PasskeyRepository, type PasskeyRow } from './passkey.repository.ts';
import { clientOf } from './session.repository.ts';
import { StaffFactor } from './staff-factor.ts';
import { clientDataOf, WebAuthn } from './webauthn.ts';

const MOST = 20;

/** The passkeys of an account. */
@Injectable()
export class PasskeyHandlers {
  constructor(
    private readonly database: Database,
    private readonly accounts: AccountRepository,
    private readonly keys: PasskeyRepository,
    private readonly webauthn: WebAuthn,
    private readonly audits: AuditRepository,
    private readonly staff: StaffFactor,
  ) {}

  async passkeyCreation(_input: object, call: Call): Promise<PasskeyCreation> {
    const user = await this.accounts.byId(userOf(call).userId);
    if (user === undefined) throw refuse('unauthenticated');
    const known = await this.keys.list(user.id);
    if (known.length >= MOST) throw tooManyPasskeys();
    const options = await this.webauthn.creationOptions(
      { id: user.id, account: user.email ?? user.phone ?? user.name, name: user.name },
      known,
    );
    await this.keys.ask(options.challenge, 'enrol', user.id);
    return {
      ...{ rp: this.webauthn.relyingParty, user: options.user, challenge: options.challenge, timeout: options.timeout ?? 0 },
      pubKeyCredParams: options.pubKeyCredParams,
      excludeCredentials: known.map(descriptorOf),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
    };
  }

  async enrolPasskey({ name, transports, ...attested }: EnrolPasskey, call: Call): Promise<Passkey> {
    const { userId, sessionId } = userOf(call);
    const { challenge = '' } = clientDataOf(attested.clientDataJSON);
    const asked = await this.keys.takeChallenge(challenge, 'enrol');
    const key = asked?.user_id === userId ? await this.webauthn.attested(attested, challenge) : undefined;
    if (key === undefined) throw badPasskey();
    try {
      return await this.database.transaction(async (transaction) => {
        const user = await this.accounts.holdAlone(transaction, userId);
        if (user === undefined) throw refuse('unauthenticated');
        await this.staff.admitFactor(transaction, userId, sessionId);
        const added = await this.keys.add(transaction, MOST, {
          ...{ userId, credentialId: attested.credentialId, ...key, transports: transports ?? [] },
          name: name ?? deviceName(clientOf(call).device),
        });
        if (added === undefined) throw tooManyPasskeys();
        await this.audits.note(transaction, 'passkey_enrolled', { userId, actorId: userId, ip: clientOf(call).ip });
        return passkeyOf(added);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'passkeys_credential_id_key')) throw badPasskey();
      throw error;
    }
  }

  async passkeys(_input: object, call: Call): Promise<PasskeyList> {
    return { items: (await this.keys.list(userOf(call).userId)).map(passkeyOf) };
  }

  async renamePasskey({ id, name }: RenamePasskey, call: Call): Promise<Passkey> {
    const renamed = await this.keys.rename(userOf(call).userId, id, name);
    if (renamed === undefined) throw notFound();
    return passkeyOf(renamed);
  }

  async removePasskey({ id }: ById, call: Call): Promise<void> {
    const { userId } = userOf(call);
    await this.database.transaction(async (transaction) => {
      const user = await this.accounts.holdAlone(transaction, userId);
      if (user === undefined || !(await this.keys.remove(transaction, userId, id))) throw notFound();
      if (this.staff.isBound(user) && !(await this.staff.hasFactor(transaction, userId)))
        throw authApi.refuse('auth.factor_required', 'Staff must have a second factor');
      await this.audits.note(transaction, 'passkey_removed', { userId, actorId: userId, ip: clientOf(call).ip });
    });
  }
}

export const badPasskey = (): Error => authApi.refuse('auth.bad_passkey', 'This passkey was not accepted; try again');

const tooManyPasskeys = (): Error => authApi.refuse('auth.too_many_passkeys', `An account may have ${MOST} passkeys`);

export const descriptorOf = ({ credential_id, transports }: PasskeyRow) => ({ id: credential_id, type: 'public-key', transports });

const passkeyOf = ({ id, name, created_at, last_used_at }: PasskeyRow): Passkey => ({
  ...{ id, name, createdAt: created_at.toISOString(), lastUsedAt: last_used_at?.toISOString() ?? null },
});
