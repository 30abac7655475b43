const GMAIL = /@(?:gmail|googlemail)\.com$/;

/** Addresses that lead to one mailbox have one: letter case, a tag behind `+` and, at Gmail, dots make no difference. */
export function mailboxOf(email: string): string {
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  const untagged = local.split('+')[0] ?? '';
  return GMAIL.test(`@${domain}`) ? `${untagged.replaceAll('.', '')}@gmail.com` : `${untagged}@${domain}`;
}
