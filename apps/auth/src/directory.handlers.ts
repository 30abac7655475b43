import { Injectable } from '@nestjs/common';
import type {
  AccountIds,
  AccountsAsked,
  ContactList,
  ContactsAsked,
  PersonList,
  PlaceOfUser,
  Sameness,
  StaffIds,
  TwoUsers,
  UsersAsked,
} from '#libs/contracts/auth/messages';
import { lineOf } from '#libs/places/lines';
import { AddressRepository } from './address.repository.ts';
import { DirectoryRepository } from './directory.repository.ts';
import { mailboxOf } from './mailbox.ts';

/** What other services ask about accounts. */
@Injectable()
export class DirectoryHandlers {
  constructor(
    private readonly directory: DirectoryRepository,
    private readonly book: AddressRepository,
  ) {}

  async people({ userIds }: UsersAsked): Promise<PersonList> {
    const rows = await this.directory.byIds(userIds);
    return {
      items: rows.map(({ id, name, roles, disabled, email_verified, phone_verified, created_at }) => ({
        userId: id,
        name,
        roles,
        disabled,
        verified: email_verified || phone_verified,
        createdAt: created_at.toISOString(),
      })),
    };
  }

  async contacts({ userIds }: ContactsAsked): Promise<ContactList> {
    const rows = await this.directory.byIds(userIds);
    return {
      items: rows.map(({ id, email, email_verified, phone, phone_verified, name, disabled }) => ({
        userId: id,
        email,
        emailVerified: email_verified,
        phone,
        phoneVerified: phone_verified,
        name,
        disabled,
      })),
    };
  }

  async accounts(page: AccountsAsked): Promise<AccountIds> {
    const found = await this.directory.idsAfter(page);
    const userIds = found.slice(0, page.limit);
    return { userIds, next: found.length > page.limit ? (userIds.at(-1) ?? null) : null };
  }

  async staff(): Promise<StaffIds> {
    return { userIds: await this.directory.staffIds() };
  }

  async sameContact({ userId, otherId }: TwoUsers): Promise<Sameness> {
    const rows = await this.directory.byIds([userId, otherId]);
    const [one, other] = [rows.find(({ id }) => id === userId), rows.find(({ id }) => id === otherId)];
    if (one === undefined || other === undefined) return { same: false };
    const samePhone = one.phone !== null && one.phone === other.phone;
    const sameMailbox = one.email !== null && other.email !== null && mailboxOf(one.email) === mailboxOf(other.email);
    return { same: samePhone || sameMailbox };
  }

  async sameAddress({ userId, line1, pincode }: PlaceOfUser): Promise<Sameness> {
    const saved = await this.book.list(userId);
    return { same: saved.some((address) => address.pincode === pincode && lineOf(address.line1) === lineOf(line1)) };
  }
}
