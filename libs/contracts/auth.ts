import { contract, operation, signal } from './contract.ts';
import {
  Email,
  Flag,
  ListOf,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Pattern,
  Phone,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
  Words,
} from './fields.ts';
import { ById, listOf, Nothing, PageQuery, pageOf } from './page.ts';

export const ROLES = ['customer', 'support', 'admin'] as const;

export class User {
  @Uuid() id!: string;
  @Nullable() @Email() email!: string | null;
  @Nullable() @Phone() phone!: string | null;
  @Text(1, 100) name!: string;
  @TextList(3, 1, 20) roles!: string[];
  @Flag() emailVerified!: boolean;
  @Flag() phoneVerified!: boolean;
  @Timestamp() createdAt!: string;
}

export class SignedIn {
  @Nested(() => User) user!: User;
  /** A JWT for `Authorization: Bearer`. */
  @Text(1, 4096) accessToken!: string;
  /** Single use: the answer to a refresh carries its successor. */
  @Text(1, 128) refreshToken!: string;
  /** Seconds until the access token expires. */
  @Whole(1, 900) expiresIn!: number;
}

export class Register {
  @Email() email!: string;
  /** Any Unicode, exact bytes; breached ones are refused. */
  @Text(12, 128) password!: string;
  @Words(1, 100) name!: string;
  @Optional() @Phone() phone?: string;
  @Optional() @Text(1, 40) referralCode?: string;
}

export class Login {
  @Email() email!: string;
  @Text(1, 128) password!: string;
}

export class Refresh {
  @Text(1, 128) refreshToken!: string;
}

export class Logout {
  /** Ends the session of this token instead of the caller's; a foreign one is ignored. */
  @Optional() @Text(1, 128) refreshToken?: string;
  @Optional() @Flag() all?: boolean;
}

export class EditMe {
  @Optional() @Text(1, 100) name?: string;
}

export class Session {
  @Uuid() id!: string;
  @Text(0, 200) device!: string;
  @Text(0, 64) ip!: string;
  @Timestamp() createdAt!: string;
  @Timestamp() lastSeenAt!: string;
  @Flag() current!: boolean;
}
export class SessionList extends listOf(Session) {}

export const PINCODE = /^[1-9]\d{5}$/;

/** Where an order goes; `order` keeps a copy. */
export class PostalAddress {
  @Words(1, 100) name!: string;
  @Phone() phone!: string;
  @Words(1, 200) line1!: string;
  @Optional() @Text(1, 200) line2?: string;
  @Words(1, 100) city!: string;
  @Words(1, 100) state!: string;
  @Pattern(PINCODE, 'must be six digits, the first not 0') pincode!: string;
  @OneOf(['IN']) country: string = 'IN';
}

export class Address extends PostalAddress {
  @Uuid() id!: string;
  @Flag() isDefault!: boolean;
}
export class AddressList extends listOf(Address) {}
export class AddAddress extends PostalAddress {
  @Optional() @Flag() isDefault?: boolean;
}
export class EditAddress {
  @Uuid() id!: string;
  @Optional() @Text(1, 100) name?: string;
  @Optional() @Phone() phone?: string;
  @Optional() @Text(1, 200) line1?: string;
  @Optional() @Nullable() @Text(1, 200) line2?: string | null;
  @Optional() @Text(1, 100) city?: string;
  @Optional() @Text(1, 100) state?: string;
  @Optional() @Pattern(PINCODE, 'must be six digits, the first not 0') pincode?: string;
  @Optional() @Flag() isDefault?: boolean;
}

export class UserFilter extends PageQuery {
  /** Part of a name, e-mail address or phone number. */
  @Optional() @Text(1, 100) q?: string;
  @Optional() @OneOf(ROLES) role?: string;
  @Optional() @Flag() disabled?: boolean;
}
export class ManagedUser extends User {
  @Flag() disabled!: boolean;
}
export class UserPage extends pageOf(ManagedUser) {}
export class EditUser {
  @Uuid() id!: string;
  /** Replaces the set. */
  @Optional() @TextList(3, 1, 20) roles?: string[];
  @Optional() @Flag() disabled?: boolean;
}

export class JsonWebKey {
  @Text(1, 20) kty!: string;
  @Text(1, 20) crv!: string;
  @Text(1, 100) x!: string;
  @Text(1, 100) y!: string;
  @Text(1, 100) kid!: string;
  @Text(1, 20) alg!: string;
  @Text(1, 20) use!: string;
}
export class JsonWebKeySet {
  @ListOf(() => JsonWebKey) keys!: JsonWebKey[];
}

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

export const authApi = contract('auth', {
  operations: {
    register: operation({
      summary: 'Create an account and sign in',
      access: 'public',
      http: 'POST /auth/register',
      in: Register,
      out: SignedIn,
      status: 201,
      errors: { 'auth.email_taken': 'conflict', 'auth.password_breached': 'bad_request', rate_limited: 'rate_limited' },
      timeoutMs: 4_000,
    }),
    login: operation({
      summary: 'Sign in with e-mail and password',
      access: 'public',
      http: 'POST /auth/login',
      in: Login,
      out: SignedIn,
      errors: { 'auth.bad_credentials': 'unauthenticated' },
      timeoutMs: 4_000,
    }),
    refresh: operation({
      summary: 'Exchange a refresh token for its successor and a new access token',
      access: 'public',
      http: 'POST /auth/refresh',
      in: Refresh,
      out: SignedIn,
      errors: { 'auth.bad_refresh_token': 'unauthenticated' },
    }),
    logout: operation({ summary: 'End a session, or all of them', access: 'user', http: 'POST /auth/logout', in: Logout }),
    me: operation({ summary: 'The signed-in user', access: 'user', http: 'GET /auth/me', in: Nothing, out: User }),
    editMe: operation({ summary: 'Change the own name', access: 'user', http: 'PATCH /auth/me', in: EditMe, out: User }),
    sessions: operation({
      summary: 'Devices that are signed in',
      access: 'user',
      http: 'GET /auth/sessions',
      in: Nothing,
      out: SessionList,
    }),
    endSession: operation({ summary: 'Sign a device out', access: 'user', http: 'DELETE /auth/sessions/:id', in: ById }),
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
    removeAddress: operation({ summary: 'Remove an address', access: 'user', http: 'DELETE /auth/addresses/:id', in: ById }),
    users: operation({ summary: 'Find users', access: 'admin', http: 'GET /auth/users', in: UserFilter, out: UserPage }),
    editUser: operation({
      summary: 'Change roles, disable or enable a user',
      access: 'admin',
      http: 'PATCH /auth/users/:id',
      in: EditUser,
      out: ManagedUser,
      errors: { 'auth.last_admin': 'conflict' },
    }),
    jwks: operation({
      summary: 'Public keys of the access tokens',
      access: 'public',
      http: 'GET ~/.well-known/jwks.json',
      in: Nothing,
      out: JsonWebKeySet,
    }),
    revocations: operation({
      summary: 'Sessions and users whose older access tokens are refused',
      access: 'public',
      in: Nothing,
      out: RevocationList,
    }),
    addressOf: operation({
      summary: "A user's address as an order keeps it",
      access: 'internal',
      in: AddressOfUser,
      out: PostalAddress,
      lane: 'checkout',
    }),
    findByEmail: operation({
      summary: 'Whose address this is, however it is written; not found when nobody has it',
      access: 'internal',
      in: MailAddress,
      out: UserReference,
    }),
  },
  signals: {
    revoked: signal({ summary: 'A session or a user was cut off', data: Revocation }),
  },
});
