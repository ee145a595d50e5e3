// The panel of one unit: how it stands, where it was last, and what can be said
// to its radio.
import { agencyColour } from '../shared/agency';
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import type { Notices } from '../shared/notice';
import type { State } from '../shared/state';
import { clockTime, duration } from '../shared/time';
import type { Delivery, Unit } from '../shared/types';
import { both, say } from '../shared/words';
import type { Alarms } from './alarmbar';

export interface UnitPanelOptions { alarms: Alarms; state: State; notices: Notices; follow: () => string; setFollow: (unit: string) => void }

function fact(label: string, value: Child): Child {
  return value ? el('div', { class: 'fact' }, el('dt', {}, label), el('dd', {}, value)) : null;
}

const marks: Record<string, string> = { queued: '…', sent: '→', delivered: '✓', failed: '✕', expired: '✕' };

type Body = { text: string } | { poll: true };

// stateOf is how far a message got, in words. What has neither text nor question is the
// protocol's own receipt for something that the unit said.
function stateOf(d: Delivery): string {
  if (d.state === 'sent' && d.unanswered) return both('terkirim', 'sent');
  if (d.state === 'delivered' && d.poll) return both('posisi diterima', 'position received');
  return d.poll && d.attempt && d.state === 'expired' ? both('tidak dijawab', 'not answered') : say(d.state);
}

// whyOf is why a message did not get through; what only a radio can say stays as it is.
function whyOf(why: string): string {
  const tries = /^no answer after (\d+) attempts$/.exec(why)?.[1];
  if (tries) return both(`tidak ada jawaban setelah ${tries} kali kirim`, tries === '1' ? 'no answer after 1 attempt' : why);
  if (why === 'nothing was sent in time') return both('tidak sempat terkirim', why);
  return why.startsWith('refused') ? both('radio induk menolak', 'the base station refused') : why;
}

function message(o: UnitPanelOptions, d: Delivery, again: (body: Body) => void): HTMLElement {
  const bad = d.state === 'failed' || d.state === 'expired';
  return el('li', { class: bad ? 'bad' : '', 'data-key': d.message }, el('time', {}, clockTime(d.at)),
    el('span', { class: 'mark', 'aria-hidden': 'true' }, marks[d.state] ?? '·'),
    el('span', { class: 'what' }, d.poll ? both('minta posisi', 'asks for position') : d.text || both('tanda terima pesannya', 'receipt for its message'),
      bad && (d.poll || d.text) && o.state.may('act') ? el('button', { type: 'button', class: 'small again', click: () => again(d.poll ? { poll: true } : { text: d.text! }) }, both('Kirim lagi', 'Send again')) : null),
    el('span', { class: 'proof' }, [stateOf(d), d.attempt && d.attempt > 1 && !d.why ? `${both('percobaan', 'attempt')} ${d.attempt}` : '', d.link, d.why && whyOf(d.why), d.report && !bad ? both('dijawab radio', 'the radio answered') : ''].filter(Boolean).join(' · ')));
}

export function unitPanel(o: UnitPanelOptions): Child[] {
  const { state } = o;
  const u: Unit | undefined = state.units.get(state.selected.unit);
  if (!u) return [];
  const p = u.properties;
  const incident = state.incidents.get(p.incident);
  const devices = state.setup?.units.find((x) => x.id === u.id)?.devices ?? [];
  const deliveries = [...state.deliveries.values()].filter((d) => d.unit === u.id).sort((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, 8);
  const send = (body: Body): void => {
    void o.notices.act(async () => {
      const q = await api.message(u.id, body);
      const key = `${q.id} ${u.id}`;
      if (!state.deliveries.has(key)) state.deliveries.set(key, { guess: true, message: q.id, unit: u.id, device: q.device, link: q.link, at: new Date(state.clock.ms()).toISOString(), state: q.state, ...body });
      state.changed();
    });
  };
  const following = o.follow() === u.id;
  return [
    el('div', { class: 'title', 'data-key': u.id },
      el('span', { class: 'dot big', style: `background:${agencyColour(p.agency)}` }),
      el('h2', {}, p.call_sign, el('span', { class: 'number' }, p.agency)),
      el('button', { type: 'button', id: 'back', 'aria-label': both('Kembali', 'Back'), click: () => state.select({}) }, '✕')),
    p.emergency ? el('p', { class: 'error row' }, `✱ ${say('emergency')}`, state.may('act') ? el('button', {
      type: 'button', class: 'danger full', id: 'acknowledge-emergency', click: () => {
        for (const a of o.alarms.open.filter((x) => x.kind === 'emergency' && x.unit === u.id)) o.alarms.acknowledge(a);
      },
    }, both('Tanggapi darurat', 'Acknowledge the emergency')) : null) : null,
    p.silence ? el('p', { class: 'quiet', id: 'silence' }, `${both(p.silence.why, p.silence.why_en)}${p.silence.since ? ` · ${both('sejak', 'since')} ${clockTime(p.silence.since)}` : ''}`) : null,
    el('dl', { class: 'facts2' },
      fact(both('Status', 'Status'), `${say(p.status || 'unreported')}${p.status_at ? ` · ${clockTime(p.status_at)}` : ''}`),
      fact(both('Insiden', 'Incident'), incident ? el('button', { type: 'button', class: 'small', click: () => state.select({ incident: incident.id }) }, `${incident.number.slice(-3)} ${incident.address ?? ''}`) : both('bebas', 'free')),
      fact(both('Posisi', 'Fix'), p.fix_at ? `${duration(state.age(p.fix_at))} ${both('lalu', 'ago')} · ${clockTime(p.fix_at)}${p.accuracy_m ? ` · ±${Math.round(p.accuracy_m)} m` : ''}` : both('belum pernah', 'never')),
      fact(both('Koordinat', 'Place'), u.geometry ? `${u.geometry.coordinates[1].toFixed(5)}, ${u.geometry.coordinates[0].toFixed(5)}` : null),
      fact(both('Laju', 'Speed'), p.speed_mps !== null ? `${Math.round(p.speed_mps * 3.6)} km/${both('jam', 'h')}${p.course_deg !== null ? ` · ${Math.round(p.course_deg)}°` : ''}` : null),
      fact(both('Terdengar', 'Heard'), p.heard_at ? `${duration(state.age(p.heard_at))} ${both('lalu', 'ago')} · ${p.link}` : both('belum pernah', 'never')),
      fact(both('Baterai', 'Battery'), p.battery_pct !== null ? `${Math.round(p.battery_pct)} %` : null),
      fact(both('Alat', 'Devices'), devices.join(', '))),
    el('div', { class: 'row acts' },
      el('button', { type: 'button', id: 'follow', 'aria-pressed': String(following), click: () => o.setFollow(following ? '' : u.id) }, following ? both('Berhenti ikuti', 'Stop following') : both('Ikuti', 'Follow'), el('kbd', {}, 'F')),
      !state.may('act') ? null : el('button', { type: 'button', id: 'poll', click: () => send({ poll: true }) }, both('Minta posisi', 'Ask position'))),
    el('h3', {}, both('Pesan ke radio', 'Message to the radio')),
    !state.may('act') ? null : el('form', { class: 'row', submit: (e) => { e.preventDefault(); const input = (e.currentTarget as HTMLFormElement).elements.namedItem('text') as HTMLInputElement; send({ text: input.value }); input.value = ''; } },
      el('input', { name: 'text', required: true, maxlength: '200', autocomplete: 'off', 'aria-label': both('Pesan', 'Message'), placeholder: both('Teks pendek', 'Short text') }),
      el('button', { class: 'primary', type: 'submit' }, both('Kirim', 'Send'))),
    el('ol', { class: 'timeline' }, ...deliveries.map((d) => message(o, d, send))),
  ];
}
