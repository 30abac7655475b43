import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Address, PostalAddress } from '#libs/contracts/auth/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';
import type { Transaction } from '#libs/persistence/transaction';
import { stateOf } from '#libs/places/states';

interface AddressRow {
  readonly id: string;
  readonly name: string;
  readonly phone: string;
  readonly line1: string;
  readonly line2: string | null;
  readonly city: string;
  readonly state: string;
  readonly pincode: string;
  readonly country: string;
  readonly is_default: boolean;
}

type Change = Partial<Omit<PostalAddress, 'line2' | 'country'>> & { line2?: string | null };

/** Older rows have the state as it was typed; one that means no state stays as it is, and is asked for again where it matters. */
const addressOf = ({ is_default, line2, ...row }: AddressRow): Address => ({
  ...row,
  state: stateOf(row.state)?.name ?? row.state,
  ...(line2 === null ? {} : { line2 }),
  isDefault: is_default,
});

/** Every write of a user's addresses holds that user's row, so that two defaults cannot meet. */
@Injectable()
export class AddressRepository {
  constructor(private readonly database: Database) {}

  async list(userId: string): Promise<Address[]> {
    const rows = await this.database.rows<AddressRow>(
      sql`SELECT * FROM addresses WHERE user_id = ${userId} ORDER BY is_default DESC, id DESC`,
    );
    return rows.map(addressOf);
  }

  async find(userId: string, id: string): Promise<Address | undefined> {
    const row = await this.database.row<AddressRow>(sql`SELECT * FROM addresses WHERE user_id = ${userId} AND id = ${id}`);
    return row === undefined ? undefined : addressOf(row);
  }

  /** The first address becomes the default. Undefined when there are `max` already. */
  async add(userId: string, address: PostalAddress, wantsDefault: boolean, max: number): Promise<Address | undefined> {
    return this.database.transaction(async (transaction) => {
      await this.hold(transaction, userId);
      const known = await transaction.row<{ count: number }>(sql`SELECT count(*) AS count FROM addresses WHERE user_id = ${userId}`);
      const count = known?.count ?? 0;
      if (count >= max) return undefined;
      const isDefault = wantsDefault || count === 0;
      if (isDefault) await this.clearDefault(transaction, userId);
      const row = await transaction.row<AddressRow>(sql`
        INSERT INTO addresses (id, user_id, name, phone, line1, line2, city, state, pincode, country, is_default)
        VALUES (${uuidv7()}, ${userId}, ${address.name}, ${address.phone}, ${address.line1}, ${address.line2 ?? null}, ${address.city}, ${address.state}, ${address.pincode}, ${address.country}, ${isDefault})
        RETURNING *`);
      return addressOf(row as AddressRow);
    });
  }

  /** `check` sees the address as it becomes when its place changes; what it throws leaves the address as it was. */
  async edit(
    userId: string,
    id: string,
    change: Change,
    isDefault: boolean | undefined,
    check: (edited: Address) => void,
  ): Promise<Address | undefined> {
    return this.database
      .transaction(async (transaction) => {
        await this.hold(transaction, userId);
        if (isDefault === true) await this.clearDefault(transaction, userId);
        const row = await transaction.row<AddressRow>(sql`
        UPDATE addresses SET
          name = coalesce(${change.name ?? null}, name), phone = coalesce(${change.phone ?? null}, phone), line1 = coalesce(${change.line1 ?? null}, line1),
          line2 = CASE WHEN ${change.line2 !== undefined} THEN ${change.line2 ?? null}::text ELSE line2 END,
          city = coalesce(${change.city ?? null}, city), state = coalesce(${change.state ?? null}, state), pincode = coalesce(${change.pincode ?? null}, pincode),
          is_default = coalesce(${isDefault ?? null}::boolean, is_default)
        WHERE user_id = ${userId} AND id = ${id} RETURNING *`);
        if (row === undefined) throw new NoSuchAddress();
        const edited = addressOf(row);
        if (change.state !== undefined || change.pincode !== undefined) check(edited);
        return edited;
      })
      .catch((error: unknown) => {
        if (error instanceof NoSuchAddress) return undefined;
        throw error;
      });
  }

  async remove(userId: string, id: string): Promise<boolean> {
    return (await this.database.execute(sql`DELETE FROM addresses WHERE user_id = ${userId} AND id = ${id}`)) === 1;
  }

  private async hold(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`SELECT 1 FROM users WHERE id = ${userId} FOR UPDATE`);
  }

  private async clearDefault(transaction: Transaction, userId: string): Promise<void> {
    await transaction.execute(sql`UPDATE addresses SET is_default = false WHERE user_id = ${userId} AND is_default`);
  }
}

/** Rolls back the default that was cleared for an address that is not there. */
class NoSuchAddress extends Error {}
