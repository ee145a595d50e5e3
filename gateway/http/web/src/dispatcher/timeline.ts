// One incident's timeline: everything that happened, with how it is known.
import { el } from '../shared/dom';
import type { State } from '../shared/state';
import { clockTime, duration } from '../shared/time';
import type { Incident, Milestone } from '../shared/types';
import { both, say } from '../shared/words';
import { rawFrame } from './rawframe';

const evidenceMark: Record<string, string> = { key: '⌨', geofence: '◎', dispatcher: '✎', cad: '⇄' };

// Row is a moment of the timeline.
export interface Row { at: number; key: string; kind: 'milestone' | 'note' | 'alert' | 'review'; milestone?: Milestone; text?: string; by?: string; unit?: string; report?: string }

// rows lists an incident's moments in order.
export function rows(i: Incident): Row[] {
  const out: Row[] = [
    ...i.milestones.map((m): Row => ({ at: Date.parse(m.at), key: `m ${m.milestone} ${m.unit ?? ''} ${m.milestone === 'in_progress' ? m.report : ''}`, kind: 'milestone', milestone: m })),
    ...(i.notes ?? []).map((n, k): Row => ({ at: Date.parse(n.at), key: `n ${k}`, kind: 'note', text: n.text, by: n.by })),
    ...(i.alerts ?? []).map((a): Row => ({ at: Date.parse(a.at), key: `a ${a.kind} ${a.report}`, kind: 'alert', text: a.kind, unit: a.unit ?? '', report: a.report })),
  ];
  // Sending a unit and noting something are themselves reviews: only the others
  // have a row of their own.
  const acted = new Set([...(i.notes ?? []), ...i.milestones.filter((m) => m.milestone === 'dispatched').flatMap((m) => [m, ...(m.was ?? [])])].map((x) => Date.parse(x.at)));
  for (const r of i.reviews ?? []) if (!acted.has(Date.parse(r))) out.push({ at: Date.parse(r), key: `r ${r}`, kind: 'review' });
  return out.sort((a, b) => a.at - b.at);
}

export interface TimelineOptions {
  state: State;
  incident: Incident;
  opened: Set<string>; // rows whose evidence is shown
  correct?: (m: Milestone) => void;
}

export function timeline(o: TimelineOptions): HTMLElement {
  return el('ol', { class: 'timeline' }, ...rows(o.incident).map((r) => row(o, r)));
}

function row(o: TimelineOptions, r: Row): HTMLElement {
  const { state } = o;
  const time = el('time', { datetime: new Date(r.at).toISOString() }, clockTime(r.at));
  switch (r.kind) {
    case 'milestone': return milestoneRow(o, r, r.milestone!, time);
    case 'alert': return el('li', { class: 'alert', 'data-key': r.key }, time, el('span', { class: 'mark', 'aria-hidden': 'true' }, '⚠'),
      el('span', { class: 'what' }, `${say(r.text ?? '')}${r.unit ? ` — ${state.callSign(r.unit)}` : ''}`, more(o, r.key)),
      o.opened.has(r.key) && r.report ? el('div', { class: 'evidence' }, rawFrame(r.report, () => state.changed())) : null);
    case 'note': return el('li', { class: 'note', 'data-key': r.key }, time, el('span', { class: 'mark', 'aria-hidden': 'true' }, '✎'), el('span', { class: 'what' }, r.text ?? '', el('span', { class: 'by' }, ` ${r.by ?? ''}`)));
    case 'review': return el('li', { class: 'review', 'data-key': r.key }, time, el('span', { class: 'mark', 'aria-hidden': 'true' }, '◷'), el('span', { class: 'what' }, both('Ditinjau', 'Reviewed')));
  }
}

function more(o: TimelineOptions, key: string): HTMLElement {
  const open = o.opened.has(key);
  return el('button', {
    type: 'button', class: 'more', 'aria-expanded': String(open), 'aria-label': both('Bukti', 'Evidence'),
    click: () => { if (open) o.opened.delete(key); else o.opened.add(key); o.state.changed(); },
  }, open ? '▾' : '▸');
}

function gap(from: string, to: string): string {
  const s = (Date.parse(to) - Date.parse(from)) / 1000;
  return `${s >= 0 ? '+' : ''}${duration(s)}`;
}

function milestoneRow(o: TimelineOptions, r: Row, m: Milestone, time: HTMLElement): HTMLElement {
  const { state } = o;
  const proof = [say(m.evidence)];
  if (m.verdict && m.verdict !== `${m.evidence}_only`) proof.push(say(m.verdict));
  if (m.other) proof.push(`${say(m.other.evidence)} ${clockTime(m.other.at)} (${gap(m.at, m.other.at)})`);
  const late = m.known_at ? (Date.parse(m.known_at) - Date.parse(m.at)) / 1000 : 0;
  if (late > 60) proof.push(both(`baru diketahui ${clockTime(m.known_at!)}`, `known only at ${clockTime(m.known_at!)}`));
  return el('li', { class: m.verdict === 'conflict' ? 'conflict' : '', 'data-key': r.key }, time,
    el('span', { class: `mark ${m.evidence}`, 'aria-hidden': 'true', title: say(m.evidence) }, evidenceMark[m.evidence] ?? '·'),
    el('span', { class: 'what' }, say(m.milestone) + (m.unit ? ` — ${state.callSign(m.unit)}` : ''), more(o, r.key)),
    el('span', { class: 'proof' }, proof.join(' · ')),
    ...(m.was ?? []).map((w, k) => {
      const next = m.was![k + 1] ?? m;
      return el('span', { class: 'was' }, el('s', {}, `${clockTime(w.at)} (${say(w.evidence)})`), ` → ${clockTime(next.at)} (${say(next.evidence)})`,
        w.reason ? ` · ${say(w.reason)}` : '', w.by ? ` — ${w.by}` : '');
    }),
    o.opened.has(r.key) ? evidence(o, m) : null);
}

// standsBehind says what proves that the device is the one it names.
function standsBehind(m: Milestone): string {
  switch (m.identity_assurance) {
    case 'device': return both('terbukti dengan sandinya', 'proved by its password');
    case 'network': return both('dijamin jaringannya', 'vouched for by its network');
    default: return both('identitas hanya pengakuan', 'identity only claimed');
  }
}

function evidence(o: TimelineOptions, m: Milestone): HTMLElement {
  const changed = (): void => o.state.changed();
  const said = [m, ...(m.other ? [m.other] : []), ...(m.was ?? [])].filter((x) => x.report);
  const ids = (fromDesk: boolean): string[] => [...new Set(said.filter((x) => (x.evidence === 'dispatcher' || x.evidence === 'cad') === fromDesk).map((x) => x.report))];
  return el('div', { class: 'evidence' },
    el('div', { class: 'facts' },
      el('span', {}, `${both('keyakinan', 'confidence')} ${Math.round(m.confidence * 100)} %`),
      m.device ? el('span', {}, `${m.device}: ${standsBehind(m)}`) : null,
      m.clock ? el('span', {}, `${both('menurut jam', 'by the clock of the')} ${say(m.clock)}`) : null,
      m.known_at ? el('span', {}, `${both('diketahui', 'known')} ${clockTime(m.known_at)}`) : null),
    // An act of the desk has no frame: only reports of devices are fetched.
    ...ids(false).map((id) => rawFrame(id, changed)),
    ...ids(true).map((id) => el('div', { class: 'dim id' }, `${both('tindakan', 'act')} ${id}`)),
    o.correct ? el('button', { type: 'button', class: 'small', click: () => o.correct!(m) }, both('Koreksi waktu…', 'Correct the time…')) : null);
}
