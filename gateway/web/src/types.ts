// What the API sends, in its own words (shared/design.md, HTTP).
export interface Clock {
  clock: string;
  unit?: string;
  state: 'running' | 'warning' | 'met' | 'breached';
  started_at: string;
  due_at: string;
  stopped_at?: string;
  remaining_s: number;
}
export interface Superseded { at: string; evidence: string; report: string; known_at: string; reason?: string; by?: string }
export interface Milestone {
  milestone: string;
  unit?: string;
  at: string;
  evidence: string;
  report: string;
  confidence: number;
  verdict?: string;
  other?: { at: string; evidence: string; report: string };
  was?: Superseded[];
}
export interface Alert { kind: string; unit?: string; incident?: string; at: string; report: string; text: string }
export interface Incident {
  id: string;
  number: string;
  category: string;
  status: string;
  location?: { lat: number; lon: number; radius_m?: number };
  address?: string;
  district?: string;
  caller?: string;
  description?: string;
  received_at: string;
  closed_at?: string;
  units: string[];
  milestones: Milestone[];
  clocks: Clock[];
  alerts?: Alert[];
  notes?: { at: string; by: string; text: string }[];
}
export interface UnitProperties {
  id: string;
  call_sign: string;
  agency: string;
  status: string;
  status_at: string | null;
  incident: string;
  incident_number: string;
  fix_at: string | null;
  fix_age_s: number | null;
  stale: boolean;
  heard_at: string | null;
  course_deg: number | null;
  speed_mps: number | null;
  emergency: boolean;
  link: string;
}
export interface Unit {
  id: string;
  geometry: { type: 'Point'; coordinates: [number, number] } | null;
  properties: UnitProperties;
}
export interface Link {
  id: string; kind: string; protocol?: string; state: string; since: string; why?: string;
  frames: number; errors: number; reports: number; duplicates: number; last_heard: string | null; last_error?: string;
}
export interface Category { key: string; id: string; en: string }
export interface Setup {
  county: string;
  categories: Category[];
  sop: Record<string, number>;
  warn_at: number;
  units: { id: string; call_sign: string; agency: string }[];
  clock: { now: string; speed: number };
}
export interface Place { name: string; district: string; lat: number; lon: number; radius_m: number }
