import { api, AskedTwice } from '../shared/api';
import { el, type Child } from '../shared/dom';
import { clockTime, duration, fromLocalInput, localInput } from '../shared/time';
import type { Correction, Judged, Milestone } from '../shared/types';
import { both, say } from '../shared/words';
import type { ActsOptions } from './act';

// done shuts the form when the act has been done, and not one that was opened since.
function done(o: ActsOptions, result: Promise<unknown>): void {
  void result.then((r) => { if (r !== undefined) o.shut(o.form); else o.state.changed(); });
}

function buttons(o: ActsOptions, label: string, more: { class?: string; id?: string } = {}): HTMLElement {
  return el('div', { class: 'row' }, el('button', { type: 'submit', class: 'primary', ...more }, label),
    el('button', { type: 'button', click: () => o.ask({ kind: '' }) }, both('Batal', 'Never mind'), el('kbd', {}, 'Esc')));
}

function fieldOf(e: Event, name: string): string {
  return String(new FormData(e.currentTarget as HTMLFormElement).get(name) ?? '').trim();
}

function ask(o: ActsOptions, key: string, submit: (e: Event) => void, ...children: Child[]): HTMLElement {
  return el('form', { class: 'ask', 'data-key': `${o.incident.id} ${key}`, submit: (e) => { e.preventDefault(); submit(e); } }, ...children);
}

export function noteForm(o: ActsOptions): HTMLElement {
  const label = both('Catatan', 'Note');
  return ask(o, 'note', (e) => done(o, o.notices.act(() => api.note(o.incident.id, fieldOf(e, 'text')).then((i) => o.state.putIncident(i)), { text: both('Dicatat', 'Noted') })),
    el('input', { name: 'text', required: true, maxlength: '1000', autocomplete: 'off', 'aria-label': label, placeholder: both('Apa yang terjadi, dari siapa', 'What happened, who said so') }),
    buttons(o, both('Catat', 'Add')));
}

// closeForm closes, and says before it what is missing in the record.
export function closeForm(o: ActsOptions): HTMLElement {
  const { state, incident: i } = o;
  const closing = i.clocks.find((c) => c.clock === 'closing' && !c.stopped_at);
  const unfinished = i.units.filter((u) => state.units.get(u)?.properties.incident === i.id && !i.milestones.some((m) => m.unit === u && m.milestone === 'completed'));
  return ask(o, 'close', (e) => done(o, o.notices.act(() => api.close(i.id, fieldOf(e, 'why')).then((x) => state.putIncident(x)), {
    text: both(`Insiden ${i.number.slice(-3)} ditutup`, `Incident ${i.number.slice(-3)} closed`),
    undo: !state.can('reopen') ? undefined : () => api.reopen(i.id, both('penutupan diurungkan', 'closing undone')).then((x) => state.putIncident(x)),
  })),
  closing ? el('p', { class: state.left(closing) < 0 ? 'error' : '' }, both(`SOP: tutup dalam dua menit — ${duration(state.left(closing))}`, `SOP: close within two minutes — ${duration(state.left(closing))}`)) : null,
  unfinished.length ? el('p', { class: 'warn' }, `▲ ${both('Belum melapor selesai', 'Not reported completed')}: ${unfinished.map((u) => state.callSign(u)).join(', ')}`) : null,
  el('input', { name: 'why', autocomplete: 'off', 'aria-label': both('Hasil', 'Outcome'), placeholder: both('Hasil penanganan (boleh kosong)', 'Outcome (may be empty)') }),
  buttons(o, both('Tutup insiden', 'Close the incident'), { id: 'close-now' }));
}

// releaseForm takes units off the incident.
export function releaseForm(o: ActsOptions): HTMLElement {
  const { state, incident: i } = o;
  return ask(o, 'release', (e) => {
    const units = new FormData(e.currentTarget as HTMLFormElement).getAll('unit').map(String);
    if (units.length) done(o, o.notices.act(() => api.release(i.id, units, fieldOf(e, 'why')).then((x) => state.putIncident(x)), {
      text: both(`${units.map((u) => state.callSign(u)).join(', ')} ditarik`, `${units.map((u) => state.callSign(u)).join(', ')} released`),
      undo: () => api.dispatch(i.id, units).then((x) => state.putIncident(x)),
    }));
  },
  ...i.units.map((u) => el('label', { class: 'row', 'data-key': u }, el('input', { type: 'checkbox', name: 'unit', value: u, ...(i.units.length === 1 ? { checked: true } : {}) }), state.callSign(u))),
  el('input', { name: 'why', autocomplete: 'off', 'aria-label': both('Alasan', 'Reason'), placeholder: both('Alasan (boleh kosong)', 'Reason (may be empty)') }),
  buttons(o, both('Tarik dari insiden', 'Take off the incident')));
}

// mergeForm makes this incident a duplicate of another, which goes on.
export function mergeForm(o: ActsOptions): HTMLElement {
  const { state, incident: i } = o;
  return ask(o, 'merge', (e) => done(o, o.notices.act(() => api.merge(i.id, fieldOf(e, 'into'), fieldOf(e, 'why')).then((x) => state.putIncident(x)), { text: both('Digabung', 'Merged') })),
    el('p', {}, both('Insiden ini laporan ganda dari:', 'This incident is a duplicate of:')),
    el('select', { name: 'into', required: true, 'aria-label': both('Insiden yang diteruskan', 'The incident that goes on') },
      ...state.board().filter((x) => x.id !== i.id).map((x) => el('option', { value: x.id, 'data-key': x.id }, `${x.number.slice(-3)} ${x.address || x.district || x.category}`))),
    el('input', { name: 'why', autocomplete: 'off', 'aria-label': both('Alasan', 'Reason'), placeholder: both('Alasan (boleh kosong)', 'Reason (may be empty)') }),
    buttons(o, both('Gabungkan', 'Merge')));
}

export function reasonForm(o: ActsOptions, label: string, act: (why: string) => Promise<unknown>): HTMLElement {
  return ask(o, label, (e) => done(o, act(fieldOf(e, 'why'))),
    el('input', { name: 'why', required: true, autocomplete: 'off', 'aria-label': both('Alasan', 'Reason'), placeholder: both('Alasan', 'Reason') }),
    buttons(o, label));
}

// correct sets a milestone's time. What looks like a slip is shown with its effect and
// asked for once more; a time that was changed meanwhile is a new question.
function correct(o: ActsOptions, body: Correction, text: string): Promise<unknown> {
  const told = o.form.twice?.body;
  const meant = told !== undefined && told.milestone === body.milestone && told.unit === body.unit && told.at === body.at;
  return o.notices.act(async () => {
    try {
      return o.state.putIncident(await api.correct(o.incident.id, meant ? { ...body, confirm: true } : body));
    } catch (e) {
      if (!(e instanceof AskedTwice)) throw e;
      o.ask({ ...o.form, twice: { body, told: e.told } });
      throw new Error(both('Belum dikoreksi: periksa waktunya', 'Not corrected yet: look at the time'));
    }
  }, { text });
}

// stands is how a clock or an interval stands, in words.
function stands(j: Judged | null): string {
  if (!j) return both('tidak ada', 'none');
  return `${j.state ? `${say(j.state)} ` : ''}${duration(j.seconds)}`;
}

// effects say what a correction would change, and why it is asked for twice.
function effects(o: ActsOptions): Child {
  const told = o.form.twice?.told;
  if (!told) return null;
  const why = told.doubts.map((d) => { const [id = d.text, en = id] = d.text.split(' / '); return both(id, en); });
  return el('div', { class: 'warn', role: 'alert' },
    el('p', {}, `▲ ${both('Benar begitu? Periksa waktunya', 'Is that meant? Look at the time')}: ${why.join('; ')}`),
    el('ul', { id: 'effects' }, ...told.effects.map((e) => el('li', { 'data-key': `${e.name} ${e.unit ?? ''}` },
      `${say(e.name)}${e.unit ? ` ${o.state.callSign(e.unit)}` : ''}: ${stands(e.before)} → ${stands(e.after)}`))));
}

export function correctForm(o: ActsOptions, m: Milestone): HTMLElement {
  return ask(o, `correct ${m.milestone} ${m.unit ?? ''}`, (e) => done(o, correct(o, {
    milestone: m.milestone, unit: m.unit ?? '', at: fromLocalInput(fieldOf(e, 'at')).toISOString(), reason: fieldOf(e, 'reason'),
  }, both('Dikoreksi; nilai lama tetap di catatan', 'Corrected; the old value stays in the record'))),
  el('p', {}, `${say(m.milestone)}${m.unit ? ` — ${o.state.callSign(m.unit)}` : ''}: ${both('semula', 'was')} ${clockTime(m.at)} (${say(m.evidence)})`),
  el('input', { type: 'datetime-local', step: '1', name: 'at', required: true, value: localInput(m.at), 'aria-label': both('Waktu yang benar (WIB)', 'The right time (WIB)') }),
  el('input', { name: 'reason', required: true, autocomplete: 'off', 'aria-label': both('Alasan', 'Reason'), placeholder: both('Alasan dan sumbernya', 'Reason and its source') }),
  effects(o),
  buttons(o, o.form.twice ? both('Memang begitu, koreksi', 'It is meant, correct') : both('Koreksi', 'Correct')));
}

// voiceForm enters what a unit said by voice, with the time at which it happened: for
// radios without keys, and where a key did not get through.
const spoken = ['acknowledged', 'en_route', 'on_scene', 'in_progress', 'completed'];
export function voiceForm(o: ActsOptions): HTMLElement {
  const { state, incident: i } = o;
  return ask(o, 'voice', (e) => done(o, correct(o, {
    milestone: fieldOf(e, 'milestone') as Correction['milestone'], unit: fieldOf(e, 'unit'), at: fromLocalInput(fieldOf(e, 'at')).toISOString(), reason: fieldOf(e, 'reason'),
  }, both('Laporan suara dicatat', 'Voice report entered'))),
  el('select', { name: 'unit', required: true, 'aria-label': both('Tim', 'Unit') }, ...i.units.map((u) => el('option', { value: u, 'data-key': u }, state.callSign(u)))),
  el('select', { name: 'milestone', required: true, 'aria-label': both('Tahap', 'Stage') }, ...spoken.map((m) => el('option', { value: m, 'data-key': m, ...(m === 'on_scene' ? { selected: true } : {}) }, say(m)))),
  el('input', { type: 'datetime-local', step: '1', name: 'at', required: true, value: localInput(state.clock.ms()), 'aria-label': both('Waktu kejadian (WIB)', 'When it happened (WIB)') }),
  el('input', { name: 'reason', required: true, autocomplete: 'off', value: both('suara', 'voice'), 'aria-label': both('Dari siapa, lewat apa', 'From whom, by what means') }),
  effects(o),
  buttons(o, o.form.twice ? both('Memang begitu, catat', 'It is meant, enter it') : both('Catat laporan suara', 'Enter the voice report')));
}
