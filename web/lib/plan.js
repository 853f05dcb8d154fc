// The plan (cart) of a student: an ordered list of sections, kept by the server; the newest write wins only if it saw the last.
import { useEffect, useRef, useState } from '../vendor/ui.js';
import { api, withQuery } from './api.js';

export const MOST_PLANNED = 20;

/** @param {string} [term] that of selection by default */
export const readPlan = (term) => api(withQuery('/api/me/plan', { term_id: term })).then(({ data }) => data);

export const idsOf = (plan) => plan.items.map((item) => item.section.id);

/** Write the list that `change` makes of the present one; somebody else's tab may have been faster: once more on its list. */
export async function changePlan(plan, change) {
  const put = (known) => api(withQuery('/api/me/plan', { term_id: known.term_id }), { method: 'PUT', body: { sections: change(idsOf(known)).slice(0, MOST_PLANNED), version: known.version } });
  try {
    return (await put(plan)).data;
  } catch (error) {
    if (error.status !== 409) throw error;
    return (await put(await readPlan(plan.term_id))).data;
  }
}

/** The plan beside a list of sections. @param {string} term */
export function usePlan(term) {
  const [plan, setPlan] = useState(null);
  const [state, setState] = useState({ busy: '', error: null, at: '' });
  const going = useRef(false);
  useEffect(() => {
    setPlan(null);
    let gone = false; // an answer about the term of before comes too late
    readPlan(term).then((found) => gone || setPlan(found), () => {});
    return () => (gone = true);
  }, [term]);
  async function toggle(id) {
    if (going.current) return;
    going.current = true;
    setState({ busy: id, error: null, at: id });
    try {
      const known = plan ?? (await readPlan(term));
      const on = !idsOf(known).includes(id);
      setPlan(await changePlan(known, (ids) => (on ? [...ids.filter((one) => one !== id), id] : ids.filter((one) => one !== id))));
      setState({ busy: '', error: null, at: id });
    } catch (error) {
      setState({ busy: '', error, at: id });
    }
    going.current = false;
  }
  const ids = plan ? idsOf(plan) : [];
  return { plan, state, has: (id) => ids.includes(id), toggle, busy: state.busy, errorOf: (id) => (state.at === id ? state.error : null) };
}
