// Agencies by colour; the call sign stands beside it, so colour is never alone.
const known: [RegExp, string][] = [
  [/damkar|fire/i, '#e5533d'], [/psc|dinkes|rsud|health|ambul/i, '#2fb18a'], [/bpbd/i, '#f0962e'], [/polres|polsek|polri|police/i, '#4f8df0'],
  [/satpol/i, '#a58ae0'], [/dishub/i, '#35b3c9'], [/dinsos/i, '#e27fb0'], [/pln|pupr|dpu/i, '#d9c13c'], [/pmi/i, '#c9505f'], [/tni|kodim|koramil/i, '#7d9a55'],
];
const others = ['#8fa3ad', '#b98b62', '#6fa8a0', '#b5a642'];

export function agencyColour(agency: string): string {
  for (const [name, colour] of known) if (name.test(agency)) return colour;
  let sum = 0;
  for (const c of agency) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return others[sum % others.length]!;
}
