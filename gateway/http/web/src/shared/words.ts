// Every word that a person reads, Indonesian first.
export type Language = 'id' | 'en';

let language: Language = typeof localStorage !== 'undefined' && localStorage.getItem('language') === 'en' ? 'en' : 'id';

export function current(): Language {
  return language;
}

export function use(l: Language): void {
  language = l;
  localStorage.setItem('language', l);
  document.documentElement.lang = l;
}

// both is a sentence of the page itself, in the language of the moment.
export function both(id: string, en: string): string {
  return language === 'id' ? id : en;
}

// The words that the API uses as keys.
const keys: Record<string, [string, string]> = {
  received: ['Panggilan diterima', 'Call received'],
  dispatched: ['Dikirim', 'Dispatched'],
  acknowledged: ['Diterima tim', 'Acknowledged'],
  en_route: ['Menuju lokasi', 'En route'],
  on_scene: ['Tiba di lokasi', 'On scene'],
  in_progress: ['Penanganan', 'In progress'],
  needs_assistance: ['Minta bantuan', 'Needs assistance'],
  completed: ['Selesai', 'Completed'],
  returning: ['Kembali', 'Returning'],
  available: ['Siap', 'Available'],
  out_of_service: ['Tidak bertugas', 'Out of service'],
  emergency: ['DARURAT', 'EMERGENCY'],
  unreported: ['belum melapor', 'no report yet'],
  other: ['Kode lain', 'Other code'],
  closed: ['Ditutup', 'Closed'],
  cancelled: ['Dibatalkan', 'Cancelled'],
  merged: ['Digabung', 'Merged'],
  on_scene_update: ['Kabar tiba', 'Arrival report'],
  progress_update: ['Kabar penanganan', 'Progress report'],
  monitoring: ['Pemantauan', 'Monitoring'],
  closing: ['Penutupan', 'Closing'],
  whole_flow: ['Seluruh alur', 'Whole flow'],
  key: ['tombol HT', 'radio key'],
  geofence: ['GPS', 'GPS'],
  dispatcher: ['dispatcher', 'dispatcher'],
  cad: ['CAD', 'CAD'],
  confirmed: ['tombol dan GPS sepakat', 'key and GPS agree'],
  key_only: ['tombol saja', 'key only'],
  gps_only: ['GPS saja', 'GPS only'],
  conflict: ['BERTENTANGAN', 'CONFLICT'],
  corrected: ['waktu ditetapkan orang', 'time set by a person'],
  contradictory: ['WAKTU BERTENTANGAN', 'CONTRADICTORY TIMES'],
  key_far_away: ['Tombol ditekan jauh dari lokasi', 'Key pressed far from the scene'],
  parked_no_key: ['Lama di lokasi tanpa tombol', 'Long at the scene without a key'],
  key_outside: ['Tombol di luar penugasan, jam mungkin salah', 'Key outside of the assignment, its clock may be wrong'],
  out_of_order: ['Urutan tidak wajar', 'Out of order'],
  unknown_code: ['Kode tak dikenal', 'Unknown code'],
  running: ['berjalan', 'running'],
  warning: ['hampir lewat', 'due soon'],
  breached: ['TERLAMPAUI', 'BREACHED'],
  met: ['terpenuhi', 'met'],
  call_processing: ['Panggilan sampai kirim', 'Call to dispatch'],
  turnout: ['Kirim sampai berangkat', 'Dispatch to departure'],
  travel: ['Perjalanan', 'Travel'],
  response: ['Panggilan sampai tiba', 'Call to arrival'],
  total: ['Panggilan sampai tutup', 'Call to closing'],
  clock: ['jam gateway', "gateway's clock"],
  up: ['hidup', 'up'],
  down: ['MATI', 'DOWN'],
  opening: ['membuka', 'opening'],
  illegible: ['tak terbaca', 'illegible'],
  serial: ['radio', 'radio'],
  tcp: ['radio (jaringan)', 'radio (network)'],
  mqtt: ['broker', 'broker'],
  store: ['penyimpanan', 'store'],
  queued: ['menunggu', 'queued'],
  sent: ['terkirim, belum dijawab', 'sent, no answer yet'],
  delivered: ['sampai di radio', 'delivered'],
  failed: ['GAGAL', 'FAILED'],
  expired: ['kedaluwarsa', 'expired'],
  'fixes prove an earlier arrival': ['GPS membuktikan tiba lebih awal', 'fixes prove an earlier arrival'],
  'the key before was pressed far from the scene': ['tombol sebelumnya ditekan jauh dari lokasi', 'the key before was pressed far from the scene'],
  viewer: ['pemantau', 'viewer'],
  analyst: ['analis', 'analyst'],
  admin: ['admin', 'admin'],
  owner: ['pemilik', 'owner'],
  broker: ['broker sendiri', 'own broker'],
  folder: ['folder', 'folder'],
  publish: ['kirim ke broker', 'to a broker'],
  cot: ['ATAK (CoT)', 'ATAK (CoT)'],
  position: ['posisi', 'position'],
  status: ['status', 'status'],
  message: ['pesan', 'message'],
  http: ['HTTP (telepon)', 'HTTP (phones)'],
  webhook: ['webhook', 'webhook'],
  edge: ['situs jauh', 'edge site'],
  centre: ['pusat', 'centre'],
  journal: ['jurnal', 'journal'],
  radio_state: ['Radio melapor gangguan', 'Radio reports trouble'],
  gateway: ['gateway', 'gateway'],
  device: ['alat', 'device'],
};

// say is the word for a key of the API; a key that has none is shown as it is.
export function say(key: string): string {
  return keys[key]?.[language === 'id' ? 0 : 1] ?? key;
}
