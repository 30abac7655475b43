import type { Locale } from '#libs/contracts/notification/views';
import type { MailParts } from './text.ts';

/**
 * The page of a mail: one column that fits a phone, in light and dark. Styles stand at the elements, for many clients drop style sheets; the
 * sheet only has what cannot stand there.
 */
export function mailPage(locale: Locale, { subject, paragraphs, button, second, closing = [] }: MailParts): string {
  const paragraph = (words: string): string => `<p style="margin:0 0 16px;font-size:16px;line-height:1.55">${words}</p>`;
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background: #16130f !important; }
  .card { background: #211d18 !important; color: #f2ede6 !important; border-color: #3a342c !important; }
  .quiet { color: #b3a898 !important; }
  .brand { color: #f2ede6 !important; }
  .button { background: #f0b45c !important; color: #211d18 !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f6f3ee">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Devanagari',sans-serif">
<tr><td class="brand" style="padding:0 8px 16px;font-size:20px;font-weight:700;letter-spacing:.02em;color:#26211b">Only2U</td></tr>
<tr><td class="card" style="padding:28px 24px 12px;background:#ffffff;color:#26211b;border:1px solid #e6dfd4;border-radius:12px;overflow-wrap:anywhere">
<h1 style="margin:0 0 16px;font-size:21px;line-height:1.35">${subject}</h1>
${paragraphs.map(paragraph).join('\n')}
${button === undefined ? '' : `<p style="margin:24px 0"><a class="button" href="${button[1]}" style="display:inline-block;padding:13px 22px;background:#8a3a1d;color:#ffffff;font-size:16px;font-weight:600;text-decoration:none;border-radius:8px">${button[0]}</a></p>`}
${second === undefined ? '' : paragraph(`<a href="${second[1]}" style="color:inherit">${second[0]}</a>`)}
${closing.map(paragraph).join('\n')}
</td></tr>
<tr><td class="quiet" style="padding:16px 8px;font-size:13px;line-height:1.5;color:#6f6557">Only2U<!--footer--></td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
}
