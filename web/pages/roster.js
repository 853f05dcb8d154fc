// The roster of a section, for those who manage courses and for its teacher: live, as a file, on paper.
import { html } from '../vendor/ui.js';
import { Back } from '../components/desk.js';
import { Loaded } from '../components/feedback.js';
import { Roster } from '../components/roster.js';
import { api } from '../lib/api.js';
import { may } from '../lib/auth.js';
import { t } from '../lib/i18n.js';
import { useLoad } from '../lib/poll.js';
import { useTitle } from '../lib/title.js';

function Head({ section, back }) {
  const title = `${section.course_name} · ${t('section.no', { n: section.section_no })}`;
  useTitle(title);
  return html`<header class="page-head"><${Back} ...${back} /><h1>${title}</h1>
    <p class="lead">${section.course_code} · ${section.teacher_names}</p>
    ${section.meetings.map((one) => html`<p class="hint" key=${one.text + one.weeks}>${one.text} ${one.weeks} ${one.place}</p>`)}</header>`;
}

function View({ param }) {
  const manager = may('courses:manage');
  const load = useLoad(async () => (await api(`/api/sections/${param}`)).data, [param]);
  const path = `/api/${manager ? 'manage' : 'me'}/sections/${param}/enrolments`;
  const back = manager ? { href: `/manage/sections/${param}`, label: t('roster.section') } : { href: '/teaching', label: t('nav.teaching') };
  return html`<${Loaded} load=${load} rows=${2}>${(section) => html`<${Head} section=${section} back=${back} />`}<//><${Roster} path=${path} file=${`section-${param}`} kind="section" />`;
}

export const page = { view: View, needs: 'courses:manage teaching:read' };
