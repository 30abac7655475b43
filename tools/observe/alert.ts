/** What an alert is; each kind of alert has a list of its own in `alerts/`. */

/** Series as `promtool test rules` takes them, and when to look. */
export interface Case {
  /** Values by series: `{ 'up{app="order"}': '1x4 0x20' }`. A value stands for 15 seconds. */
  readonly series: Readonly<Record<string, string>>;
  readonly after: string;
  /** Of the alert that rings, beside its own. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Alert {
  /** Also the title of its section in docs/runbook.md. */
  readonly name: string;
  readonly expr: string;
  /** How long it has to be so; at once where it is left out. */
  readonly for?: string;
  /** `page` wakes somebody, `ticket` waits for the next working day. */
  readonly severity: 'page' | 'ticket';
  /** One sentence; `{{ $labels.service }}` for a label. */
  readonly summary: string;
  /** What does not ring while this does: alerts by name, or every alert that is an effect of something. */
  readonly silences?: readonly string[] | 'effects';
  /** Follows from something that has an alert of its own: rings alone where that one does not. */
  readonly isEffect?: true;
  readonly rings: Case;
  readonly quiet: Case;
}

export const runbookOf = ({ name }: Pick<Alert, 'name'>): string => `docs/runbook.md#${name.toLowerCase()}`;
