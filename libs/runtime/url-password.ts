/** The URL with this password, which may have any characters, unless it has one already. */
export function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const own = new URL(url);
  if (own.password !== '') return url;
  own.password = encodeURIComponent(password);
  return own.href;
}
