import {
  Email,
  Flag,
  ListOf,
  Means,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Phone,
  Pincode,
  Seconds,
  StateName,
  Text,
  TextList,
  Timestamp,
  Uuid,
  Whole,
  Words,
} from '../fields.ts';
import { listOf, pageOf } from '../page.ts';

export const ROLES = ['customer', 'support', 'admin'] as const;

export class User {
  @Uuid() id!: string;
  @Means('null for who has signed up with a phone number.') @Nullable() @Email() email!: string | null;
  @Means('Good for signing in only once `phoneVerified` is true.') @Nullable() @Phone() phone!: string | null;
  @Text(1, 100) name!: string;
  @Means('Of `customer`, `support` and `admin`.') @TextList(3, 1, 20) roles!: string[];
  @Means('The link of a mail to this address was followed.') @Flag() emailVerified!: boolean;
  @Means('A code sent to this number was given back.') @Flag() phoneVerified!: boolean;
  @Timestamp() createdAt!: string;
}

export class SignedIn {
  @Nested(() => User) user!: User;
  @Means('A JWT for `Authorization: Bearer`.') @Text(1, 4096) accessToken!: string;
  @Means('Single use: the answer to a refresh carries its successor. Absent where it travels in the cookie.')
  @Optional()
  @Text(1, 128)
  refreshToken?: string;
  @Means('From now until the access token expires.') @Seconds(1, 900) expiresIn!: number;
  @Means('True for staff without a second factor, where they need one: the token has no rights of staff until one is enrolled.')
  @Optional()
  @Flag()
  enrolmentRequired?: boolean;
}

/** A session, or a question for the second factor: then `mfaRequired`, `mfaToken` and `expiresIn` alone. */
export class SignInStep {
  @Optional() @Nested(() => User) user?: User;
  @Means('A JWT for `Authorization: Bearer`.') @Optional() @Text(1, 4096) accessToken?: string;
  @Means('Single use: the answer to a refresh carries its successor. Absent where it travels in the cookie.')
  @Optional()
  @Text(1, 128)
  refreshToken?: string;
  @Means('From now until the access token, or the `mfaToken`, expires.') @Seconds(1, 900) expiresIn!: number;
  @Means('True for staff without a second factor, where they need one: the token has no rights of staff until one is enrolled.')
  @Optional()
  @Flag()
  enrolmentRequired?: boolean;
  @Means('True where the account has a second factor: no session is open yet.') @Optional() @Flag() mfaRequired?: boolean;
  @Means('For `totp/verify`, or a passkey; good for five tries.') @Optional() @Text(1, 128) mfaToken?: string;
  @Means('What the second factor may be: `totp`, `passkey`.') @Optional() @TextList(2, 1, 20) mfaMethods?: string[];
}

export class Passkey {
  @Uuid() id!: string;
  @Text(1, 100) name!: string;
  @Timestamp() createdAt!: string;
  @Nullable() @Timestamp() lastUsedAt!: string | null;
}

export class PasskeyList extends listOf(Passkey) {}

export class PasskeyDescriptor {
  @Means('Base64url.') @Text(1, 1_400) id!: string;
  @OneOf(['public-key']) type!: string;
  @TextList(10, 1, 20) transports!: string[];
}

export class RelyingParty {
  @Text(1, 253) id!: string;
  @Text(1, 100) name!: string;
}

export class PasskeyUser {
  @Means('Base64url.') @Text(1, 100) id!: string;
  @Text(1, 254) name!: string;
  @Text(1, 254) displayName!: string;
}

export class PasskeyAlgorithm {
  @Means('By its COSE number.') @Whole(-65_535, 65_535) alg!: number;
  @OneOf(['public-key']) type!: string;
}

const REQUIREMENTS = ['discouraged', 'preferred', 'required'];

export class PasskeySelection {
  @OneOf(REQUIREMENTS) residentKey!: string;
  @OneOf(REQUIREMENTS) userVerification!: string;
}

/** WebAuthn's `PublicKeyCredentialCreationOptionsJSON`, for `PublicKeyCredential.parseCreationOptionsFromJSON`. */
export class PasskeyCreation {
  @Nested(() => RelyingParty) rp!: RelyingParty;
  @Nested(() => PasskeyUser) user!: PasskeyUser;
  @Means('Base64url; good once, for five minutes.') @Text(1, 200) challenge!: string;
  @Means('In milliseconds.') @Whole(0, 600_000) timeout!: number;
  @ListOf(() => PasskeyAlgorithm) pubKeyCredParams!: PasskeyAlgorithm[];
  @ListOf(() => PasskeyDescriptor) excludeCredentials!: PasskeyDescriptor[];
  @Nested(() => PasskeySelection) authenticatorSelection!: PasskeySelection;
  @OneOf(['none']) attestation!: string;
}

/** WebAuthn's `PublicKeyCredentialRequestOptionsJSON`, for `PublicKeyCredential.parseRequestOptionsFromJSON`. */
export class PasskeyRequest {
  @Means('Base64url; good once, for five minutes.') @Text(1, 200) challenge!: string;
  @Means('In milliseconds.') @Whole(0, 600_000) timeout!: number;
  @Text(1, 253) rpId!: string;
  @OneOf(REQUIREMENTS) userVerification!: string;
  @Means('Empty where any passkey of the device will do.') @ListOf(() => PasskeyDescriptor) allowCredentials!: PasskeyDescriptor[];
}

export class TotpEnrolment {
  @Means('Base32, to be typed into an app.') @Text(32, 32) secret!: string;
  @Means('The same for the camera of an app, as a QR code.') @Text(1, 1000) otpauthUrl!: string;
  @Means('Each good once in the place of a code; shown here and never again.') @TextList(10, 11, 11) recoveryCodes!: string[];
}

export class OtpSent {
  @Means('What the code is given back with.') @Uuid() requestId!: string;
  @Means('How long the code is good for.') @Seconds(1, 600) expiresIn!: number;
  @Means('How long to wait before another code may be asked for.') @Seconds(0, 86_400) resendAfter!: number;
}

export class Session {
  @Uuid() id!: string;
  @Means('A name for people, made of what the browser or app says of itself.') @Text(0, 200) device!: string;
  @Means('Where it was last used from.') @Text(0, 64) ip!: string;
  @Timestamp() createdAt!: string;
  @Timestamp() lastSeenAt!: string;
  @Means('The session that asks.') @Flag() current!: boolean;
}

export class SessionList extends listOf(Session) {}

/** Where an order goes; `order` keeps a copy. */
export class PostalAddress {
  @Means('Whom the parcel is for.') @Words(1, 100) name!: string;
  @Means('Where the courier calls.') @Phone() phone!: string;
  @Means('House, street and area.') @Words(1, 200) line1!: string;
  @Optional() @Words(1, 200) line2?: string;
  @Words(1, 100) city!: string;
  @StateName() state!: string;
  @Pincode() pincode!: string;
  @OneOf(['IN']) country: string = 'IN';
}

export class Address extends PostalAddress {
  @Uuid() id!: string;
  @Flag() isDefault!: boolean;
}

export class PincodeStates {
  @Pincode() pincode!: string;
  @Means('One, or more where the sorting district serves several.') @TextList(36, 1, 60) states!: string[];
}

export class AddressList extends listOf(Address) {}

export class ManagedUser extends User {
  @Means('They cannot sign in.') @Flag() disabled!: boolean;
}

export class UserPage extends pageOf(ManagedUser) {}

export class StaffMember extends ManagedUser {
  @Nullable() @Timestamp() lastSeenAt!: string | null;
  @Nullable() @OneOf(['totp', 'passkey']) secondFactor!: string | null;
  @Means('True until they have chosen a password.') @Flag() invited!: boolean;
}

export class StaffList extends listOf(StaffMember) {}

/** What else is known of an entry; what does not apply is absent. */
export class AuditDetail {
  @Optional() @Uuid() sessionId?: string;
  @Means('How they proved who they are: `password`, `otp`, `password+totp`, …') @Optional() @Text(1, 60) by?: string;
  @Optional() @TextList(3, 1, 20) roles?: string[];
  @Optional() @Flag() disabled?: boolean;
}

export class AuditEntry {
  @Uuid() id!: string;
  @Timestamp() at!: string;
  @Text(1, 60) action!: string;
  @Means('To whose account it happened.') @Nullable() @Uuid() userId!: string | null;
  @Means('Who did it.') @Nullable() @Uuid() actorId!: string | null;
  @Nullable() @Text(0, 64) ip!: string | null;
  @Nested(() => AuditDetail) detail!: AuditDetail;
}

export class AuditPage extends pageOf(AuditEntry) {}

export class Consent {
  @Text(1, 40) purpose!: string;
  @Means('Of the text as it is now.') @Whole(1, 100_000) version!: number;
  @Text(1, 2_000) text!: string;
  @Flag() granted!: boolean;
  @Means('Of the text that was shown when it was granted or withdrawn; absent when neither happened.')
  @Optional()
  @Whole(1, 100_000)
  agreedVersion?: number;
  @Optional() @Timestamp() at?: string;
}

export class ConsentList extends listOf(Consent) {}

export class ExportRequested {
  @Uuid() id!: string;
}

export class ExportStatus {
  @OneOf(['running', 'done']) status!: 'running' | 'done';
  @Means('Services whose part is there.') @Whole(0, 100) done!: number;
  @Means('Services that are asked.') @Whole(1, 100) of!: number;
  @Means('Where the archive is, as JSON; good for an hour, without a token.') @Optional() @Text(1, 2_000) url?: string;
}

export class Erasure {
  @Uuid() id!: string;
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
