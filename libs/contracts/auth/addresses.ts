import { operation } from '../contract.ts';
import { Flag, Means, Nullable, OneOf, Optional, Phone, Pincode, StateName, Text, Uuid, Words } from '../fields.ts';
import { ById, Nothing } from '../page.ts';
import { Address, AddressList, PincodeStates, PostalAddress } from './views.ts';

export class AddAddress extends PostalAddress {
  @Means('True takes it from the address that was the default.') @Optional() @Flag() isDefault?: boolean;
}

export class EditAddress {
  @Uuid() id!: string;
  @Optional() @Words(1, 100) name?: string;
  @Optional() @Phone() phone?: string;
  @Optional() @Words(1, 200) line1?: string;
  @Means('null removes it.') @Optional() @Nullable() @Words(1, 200) line2?: string | null;
  @Optional() @Words(1, 100) city?: string;
  @Optional() @StateName() state?: string;
  @Optional() @Pincode() pincode?: string;
  @Optional() @OneOf(['IN']) country?: string;
  @Means('True takes it from the address that was the default.') @Optional() @Flag() isDefault?: boolean;
}

export class ByPincode {
  @Text(1, 20) pincode!: string;
}

export const addressOperations = {
  addresses: operation({
    summary: 'Own addresses, the default first',
    access: 'user',
    http: 'GET /auth/addresses',
    in: Nothing,
    out: AddressList,
  }),
  addAddress: operation({
    summary: 'Add an address',
    access: 'user',
    http: 'POST /auth/addresses',
    in: AddAddress,
    out: Address,
    status: 201,
    errors: { 'auth.too_many_addresses': 'conflict' },
  }),
  address: operation({ summary: 'One own address', access: 'user', http: 'GET /auth/addresses/:id', in: ById, out: Address }),
  editAddress: operation({
    summary: 'Change an address',
    access: 'user',
    http: 'PATCH /auth/addresses/:id',
    in: EditAddress,
    out: Address,
  }),
  pincodeStates: operation({
    summary: 'The states that a PIN code can lie in',
    access: 'public',
    http: 'GET /auth/pincodes/:pincode',
    in: ByPincode,
    out: PincodeStates,
  }),
  removeAddress: operation({ summary: 'Remove an address', access: 'user', http: 'DELETE /auth/addresses/:id', in: ById }),
};
