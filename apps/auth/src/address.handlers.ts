import { Injectable } from '@nestjs/common';
import type { AddAddress, ByPincode, EditAddress } from '#libs/contracts/auth/addresses';
import { authApi } from '#libs/contracts/auth/api';
import type { AddressOfUser } from '#libs/contracts/auth/messages';
import type { Address, AddressList, PincodeStates, PostalAddress } from '#libs/contracts/auth/views';
import { type Call, userOf } from '#libs/contracts/call';
import { invalid, notFound } from '#libs/contracts/errors';
import type { ById } from '#libs/contracts/page';
import { canLieIn, statesOfPincode } from '#libs/places/pincodes';
import { STATE_NAMES, stateOf } from '#libs/places/states';
import { AddressRepository } from './address.repository.ts';

const MAX_ADDRESSES = 20;

@Injectable()
export class AddressHandlers {
  constructor(private readonly book: AddressRepository) {}

  async addresses(_input: object, call: Call): Promise<AddressList> {
    return { items: await this.book.list(userOf(call).userId) };
  }

  async addAddress({ isDefault, ...address }: AddAddress, call: Call): Promise<Address> {
    const added = await this.book.add(userOf(call).userId, address, isDefault === true, MAX_ADDRESSES);
    if (added === undefined) throw authApi.refuse('auth.too_many_addresses', `An account may have ${MAX_ADDRESSES} addresses`);
    return added;
  }

  async address({ id }: ById, call: Call): Promise<Address> {
    return found(await this.book.find(userOf(call).userId, id));
  }

  async editAddress({ id, isDefault, ...change }: EditAddress, call: Call): Promise<Address> {
    return found(await this.book.edit(userOf(call).userId, id, change, isDefault, mustBeOnePlace));
  }

  async removeAddress({ id }: ById, call: Call): Promise<void> {
    if (!(await this.book.remove(userOf(call).userId, id))) throw notFound();
  }

  async pincodeStates({ pincode }: ByPincode): Promise<PincodeStates> {
    const states = statesOfPincode(pincode);
    if (states.length === 0) throw notFound();
    return { pincode, states: states.map(({ name }) => name) };
  }

  async addressOf({ userId, addressId }: AddressOfUser): Promise<PostalAddress> {
    return found(await this.book.find(userId, addressId));
  }
}

/** A change of the state or the PIN code is judged together with what stays of the address. */
function mustBeOnePlace({ state, pincode }: Address): void {
  const known = stateOf(state);
  if (known === undefined) throw invalid([{ path: 'state', message: 'must be a state or union territory of India', allowed: STATE_NAMES }]);
  if (!canLieIn(pincode, known)) throw invalid([{ path: 'pincode', message: 'is not a PIN code of this state' }]);
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw notFound();
  return value;
}
