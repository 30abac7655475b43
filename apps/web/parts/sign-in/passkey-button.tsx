import { useAction } from '../action.ts';
import { Refused } from '../notices.tsx';
import { canUsePasskeys, signInByPasskey } from '../passkey.ts';
import { tellOfLeaving } from '../renewal.ts';
import type { Follow } from './sign-in-answer.ts';

interface PasskeyButtonProps {
  /** Of a sign-in whose second factor the passkey is. */
  readonly mfaToken?: string;
  readonly follow: Follow;
}

/** Signs in with a passkey; nothing where the browser has none of it. */
export function PasskeyButton({ mfaToken, follow }: PasskeyButtonProps) {
  const { busy, failure, run } = useAction();
  if (!canUsePasskeys) return null;
  const enter = (): Promise<void> =>
    run(async () => {
      await tellOfLeaving();
      follow(await signInByPasskey(mfaToken));
    });
  return (
    <>
      <button type="button" className="button secondary large" disabled={busy} onClick={enter}>
        {busy ? 'Look at your device …' : 'Use a passkey'}
      </button>
      <Refused failure={failure} />
    </>
  );
}
