// Short lists to choose from, read whole and once: colleges, terms, rounds.
import { useEffect, useState } from '../vendor/ui.js';
import { api, open } from './api.js';
import { t } from './i18n.js';
import { readColleges } from './org.js';

let terms = null;

/** Every term, the newest first. @returns {Promise<any[]>} */
export function readTerms() {
  terms ??= open('/api/terms?limit=100').then(({ data }) => data.items.sort((a, b) => b.code - a.code));
  terms.catch(() => (terms = null));
  return terms;
}

const READERS = {
  colleges: async () => (await readColleges()).map((one) => [one.id, one.name]),
  rounds: async () => (await api('/api/manage/rounds?limit=100')).data.items.map((one) => [one.id, t('round.title', { n: one.round_no })]),
  terms: async () => (await readTerms()).map((one) => [one.id, one.name]),
};

/** [id, name] pairs, null until they are here. @param {'colleges' | 'terms' | 'rounds' | undefined} name */
export function useChoices(name) {
  const [choices, setChoices] = useState(null);
  useEffect(() => {
    let gone = false;
    if (name) READERS[name]().then((items) => gone || setChoices(items), () => {});
    return () => (gone = true);
  }, [name]);
  return choices;
}
