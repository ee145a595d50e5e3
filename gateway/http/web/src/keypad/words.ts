// What the keypad says: Indonesian first, English second.
import type { Entry } from './store';

export const keys = [
  { status: 'en_route', id: 'BERANGKAT', en: 'En route' },
  { status: 'on_scene', id: 'TIBA', en: 'On scene' },
  { status: 'in_progress', id: 'PROSES', en: 'In progress' },
  { status: 'needs_assistance', id: 'BANTUAN', en: 'Need help' },
  { status: 'completed', id: 'SELESAI', en: 'Completed' },
  { status: 'returning', id: 'KEMBALI', en: 'Returning' },
  { status: 'available', id: 'SIAP', en: 'Available' },
] as const;

const sentences = {
  https: 'Tanpa HTTPS: halaman ini tidak mendapat posisi dan tidak terbuka tanpa jaringan. Minta alamat https:// kepada petugas. / Without HTTPS there is no position and no work offline.',
  gone: 'Alat ini tidak terdaftar lagi; tekanan disimpan. Minta kode QR baru kepada petugas. / This device was released; ask for a new QR code.',
  clock: 'Jam ponsel ini salah: nyalakan waktu otomatis di setelan. / The clock of this phone is wrong.',
  disk: 'TIDAK TERSIMPAN: ponsel menolak menyimpan. Tutup mode pribadi, kosongkan ruang, tekan lagi. / NOT KEPT: the phone refuses to store.',
  worker: 'Ponsel ini tidak dapat membuka halaman tanpa jaringan; biarkan tetap terbuka. / This phone cannot open the page offline; leave it open.',
  nobody: 'Pindai kode QR dari petugas, atau tempel alamatnya di sini. / Scan the QR code from the dispatcher, or paste its address here.',
  address: 'Alamat itu tidak memuat alat dan kuncinya. / That address has no device and token.',
  locating: 'Mencari posisi… / Locating',
} as const;

export const say = (what: keyof typeof sentences): string => sentences[what];

const hourMinute = (iso: string): string => new Date(iso).toLocaleTimeString('id-ID', { hour: '2-digit', minute: '2-digit' });

// entryWords is how one press stands.
export function entryWords(e: Entry): string {
  if (e.state === 'sent') return `✓ terkirim ${hourMinute(e.sentAt ?? e.body.time)}`;
  return e.state === 'waiting' ? '… menunggu' : `✕ ditolak: ${e.why ?? ''}`;
}

// lineWords is how all of them stand.
export function lineWords(presses: Entry[], isOnline: boolean): string {
  const n = presses.filter((e) => e.state === 'waiting').length;
  const network = isOnline ? '' : 'Offline · ';
  if (n > 0) return `${network}menunggu (${n})`;
  return network + (presses.length ? 'Semua terkirim / All sent' : 'Siap dipakai / Ready');
}
