/** A stored file's address as this window asks for it: the shop's own name may be another than the one it was opened under, and pages load pictures from their own place alone. */
export function fileAddress(url: string): string {
  const { pathname, search } = new URL(url, location.origin);
  return pathname.startsWith('/api/storage/') ? `${pathname}${search}` : url;
}
