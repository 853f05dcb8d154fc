// What a student may do with the sections on a page: fetched a moment after the page, so that the list itself is light.
import { html, useState } from '../vendor/ui.js';
import { may } from '../lib/auth.js';
import { anyIntent } from '../lib/intents.js';
import { usePart } from '../lib/use-part.js';

/**
 * @param {{ ids: string[], round: any, reload: () => void, planning?: boolean }} options
 * @returns {{ node: any, of: (section: any) => any }} node: to be put somewhere on the page; of: buttons, reasons and outcome
 */
export function useCounter({ ids, round, reload, planning = true }) {
  const claimant = may('claims:own');
  const { module } = usePart(claimant ? 'parts/enrolling.js' : null, anyIntent(), 'late booking sending');
  const [desk, setDesk] = useState(null);
  if (!claimant || !module) return { node: null, of: () => null };
  return {
    node: html`<${module.Desk} ids=${ids} round=${round} onDesk=${setDesk} />`,
    of: (section) => desk && html`<${module.SectionAction} section=${section} round=${round} desk=${desk} planning=${planning} reload=${reload} />`,
  };
}
