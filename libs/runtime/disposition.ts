/**
 * `Content-Disposition` by RFC 6266: a name that every client reads, and where that is not the whole name, the true one beside it. Nothing in
 * a name can end the header.
 */
export function dispositionOf(kind: 'inline' | 'attachment', name: string | undefined): string {
  if (name === undefined) return kind;
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  if (plain === name) return `${kind}; filename="${name}"`;
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
