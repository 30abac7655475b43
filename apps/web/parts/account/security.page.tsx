import { session } from '../session.ts';
import { Authenticator } from './authenticator.tsx';
import { ChangePassword } from './change-password.tsx';
import { Passkeys } from './passkeys.tsx';
import { PhoneNumber } from './phone-number.tsx';

/** How one signs in: the password and what stands beside it. */
export function SecurityPage() {
  const user = session.use()?.user;
  if (user === undefined) return null;
  return (
    <>
      <title>Security – Only2U</title>
      <div className="page-head">
        <h1>Security</h1>
      </div>
      {/* Who signs in by phone has no password. */}
      {user.email !== null && <ChangePassword user={user} />}
      <PhoneNumber user={user} />
      <Passkeys />
      <Authenticator />
    </>
  );
}
