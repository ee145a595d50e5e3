// What a dispatcher does to an incident: each act is a button with a key, and a
// small form where it needs words.
import { api } from '../shared/api';
import { el, type Child } from '../shared/dom';
import type { Notices } from '../shared/notice';
import type { State } from '../shared/state';
import { duration } from '../shared/time';
import type { Incident } from '../shared/types';
import { openView } from '../shared/views';
import { both } from '../shared/words';
import type { ActsOptions, Form } from './act';
import { closeForm, correctForm, mergeForm, noteForm, reasonForm, releaseForm, voiceForm } from './actforms';
import { sendForm } from './send';

export function review(state: State, notices: Notices, incident: string): void {
  void notices.act(() => api.review(incident).then((i) => state.putIncident(i)), { text: both('Ditinjau', 'Reviewed') }).then(() => state.changed());
}

function button(o: ActsOptions, kind: Form['kind'], label: string, key: string, more: { class?: string; id?: string } = {}): HTMLElement {
  const open = o.form.kind === kind;
  return el('button', { type: 'button', 'aria-expanded': String(open), ...more, click: () => o.ask({ kind: open ? '' : kind }) }, label, key ? el('kbd', {}, key) : null);
}

export function acts(o: ActsOptions): Child[] {
  const { state, incident: i } = o;
  if (!state.isOpen(i)) {
    return [el('div', { class: 'row acts', 'data-key': `${i.id} acts` }, state.can('reopen') && i.status !== 'merged' ? button(o, 'reopen', both('Buka kembali', 'Reopen'), '') : null, !state.can('notes') ? null : button(o, 'note', both('Catatan', 'Note'), 'C', { id: 'note' }), record(state, i), again(state, i), forget(o)), form(o)];
  }
  if (!state.may('act')) return [el('div', { class: 'row acts', 'data-key': `${i.id} acts` }, record(state, i), again(state, i), forget(o)), form(o)];
  const closing = i.clocks.find((c) => c.clock === 'closing' && !c.stopped_at);
  const left = closing ? state.left(closing) : 0;
  return [
    el('div', { class: 'row acts', 'data-key': `${i.id} acts` },
      button(o, 'send', both('Kirim tim', 'Send units'), 'S', { class: i.units.length ? '' : 'primary', id: 'send' }),
      el('button', { type: 'button', id: 'review', click: () => review(state, o.notices, i.id) }, both('Tinjau', 'Review'), el('kbd', {}, 'R')),
      button(o, 'note', both('Catatan', 'Note'), 'C', { id: 'note' }),
      state.can('milestones') && i.units.length ? button(o, 'voice', both('Suara', 'Voice'), 'V', { id: 'voice' }) : null,
      button(o, 'close', closing ? `${both('Tutup', 'Close')} ${duration(left)}` : both('Tutup', 'Close'), 'X', { class: closing ? (left < 0 ? 'danger full' : 'primary') : 'danger', id: 'close' }),
      state.can('cancel') ? button(o, 'cancel', both('Batalkan', 'Cancel'), '') : null,
      state.can('release') && i.units.length ? button(o, 'release', both('Tarik tim', 'Release'), '', { id: 'release' }) : null,
      state.can('merge') && state.board().length > 1 ? button(o, 'merge', both('Gabung', 'Merge'), '', { id: 'merge' }) : null,
      !state.can('relocate') ? null : el('button', {
        type: 'button', title: both('Lokasi yang benar: klik peta', 'The right place: click the map'),
        click: () => o.pick(both('Klik lokasi yang benar di peta', 'Click the right place on the map'), (p) => void o.notices.act(() => api.relocate(i.id, p, both('lokasi diperbaiki di peta', 'place corrected on the map')).then((x) => state.putIncident(x)), { text: both('Lokasi dipindah', 'Moved') })),
      }, both('Pindahkan', 'Move')),
      record(state, i), again(state, i), forget(o)),
    form(o),
  ];
}

// record is the printable record, made by the gateway: to look at and as a file.
function record(state: State, i: Incident): Child {
  if (!state.can('record')) return null;
  const link = (id: string, format: string, label: string): HTMLElement =>
    el('a', { class: 'button', id, href: `/api/v1/incidents/${encodeURIComponent(i.id)}/record?format=${format}`, target: '_blank', rel: 'noopener' }, label);
  return el('span', { class: 'pair' }, link('record', 'html', both('Cetak', 'Print')), link('record-pdf', 'pdf', 'PDF'));
}

// again is the incident's replay, in a tab of its own.
function again(state: State, i: Incident): Child {
  return !state.may('see') ? null : el('button', { type: 'button', id: 'again', click: () => openView('replay', { incident: i.id }) }, both('Putar ulang', 'Replay'), el('kbd', {}, 'P'));
}

// forget erases who called. Nothing brings that back, so it asks twice: for a reason,
// and whether it is meant.
function forget(o: ActsOptions): Child {
  return !o.state.may('keep') || !o.incident.caller ? null : button(o, 'erase', both('Hapus pelapor', 'Erase the caller'), '', { class: 'danger', id: 'erase' });
}

// afterwards is what can still be done to an incident that has ended.
const afterwards: Form['kind'][] = ['reopen', 'note', 'correct', 'erase'];

function form(o: ActsOptions): Child {
  if (!o.state.isOpen(o.incident) && !afterwards.includes(o.form.kind)) return null;
  switch (o.form.kind) {
    case 'erase': return reasonForm(o, both('Hapus pelapor untuk selamanya', 'Erase the caller for good'), async (why) => {
      if (!confirm(both(`Hapus pelapor insiden ${o.incident.number} dari jurnal dan semua turunannya? Ini tidak bisa diurungkan.`, `Erase the caller of incident ${o.incident.number} from the journal and all made of it? This cannot be undone.`))) return undefined;
      return o.notices.act(() => api.erase(o.incident.id, why).then((i) => o.state.putIncident(i)), { text: both('Pelapor dihapus; siapa, kapan, dan alasannya tetap tercatat', 'Caller erased; who did it, when and why stay') });
    });
    case 'send': return sendForm(o);
    case 'note': return noteForm(o);
    case 'close': return closeForm(o);
    case 'release': return releaseForm(o);
    case 'merge': return mergeForm(o);
    case 'voice': return o.incident.units.length ? voiceForm(o) : null;
    case 'correct': return o.form.milestone ? correctForm(o, o.form.milestone) : null;
    case 'cancel': return reasonForm(o, both('Batalkan insiden', 'Cancel the incident'), (why) => o.notices.act(() => api.cancel(o.incident.id, why).then((i) => o.state.putIncident(i)), {
      text: both('Dibatalkan', 'Cancelled'), undo: !o.state.can('reopen') ? undefined : () => api.reopen(o.incident.id, both('pembatalan diurungkan', 'cancellation undone')).then((i) => o.state.putIncident(i)),
    }));
    case 'reopen': return reasonForm(o, both('Buka kembali', 'Reopen'), (why) => o.notices.act(() => api.reopen(o.incident.id, why).then((i) => o.state.putIncident(i)), { text: both('Dibuka kembali', 'Reopened') }));
    default: return null;
  }
}
