interface Positioning {
  applyAnchor(mark: unknown, base: object | null, index: number): void;
}
/** What fontkit keeps inside a font, and pdfkit inside a document. */
interface Opened {
  readonly _font: { readonly font: { readonly _layoutEngine: { readonly engine?: { readonly GPOSProcessor?: Positioning | null } } } };
}

/**
 * Lets fontkit leave a mark where it is when its base glyph has no anchor for it, as OpenType says of such anchors (GPOS, mark-to-base
 * attachment). fontkit 2.0.4 throws instead (foliojs/fontkit#367), at common names in Telugu, Malayalam and Gurmukhi.
 */
export function tolerateMissingAnchors(document: PDFKit.PDFDocument): void {
  // Neither library has a door to the shaping of a font.
  const positioning = (document as unknown as Opened)._font.font._layoutEngine.engine?.GPOSProcessor;
  if (positioning === undefined || positioning === null) return;
  const apply = positioning.applyAnchor.bind(positioning);
  positioning.applyAnchor = (mark, base, index) => {
    if (base !== null) apply(mark, base, index);
  };
}
