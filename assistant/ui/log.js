// Runs once, on the element of the conversation. A citation is a real link to the document's page:
// a plain click opens the source beside the chat, any other way of opening works as usual.
const words = window.footnoteWords;
const PENDING = 'footnote-asking';
element.setAttribute('role', 'region');
element.setAttribute('aria-label', words.conversation);
const box = () => document.querySelector('#box textarea');
const plain = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

const copy = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure origin there is no clipboard: the old way.
    const area = Object.assign(document.createElement('textarea'), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  const label = button.textContent;
  button.textContent = words.copied;
  setTimeout(() => { button.textContent = label; }, 1500);
};
window.footnoteCopy = copy;

const text = (answer, name) => answer.querySelector(`template[data-${name}]`)?.content.textContent ?? '';

const edit = (answer, question) => {
  const heading = document.getElementById(answer.id)?.previousElementSibling;
  const title = heading?.matches('.within') ? heading.previousElementSibling : heading;
  if (!title?.matches('.question') || title.nextElementSibling?.matches('.editing')) return;
  const form = document.createElement('div');
  form.className = 'editing';
  const area = Object.assign(document.createElement('textarea'), { value: question, rows: 2 });
  area.setAttribute('aria-label', words.question_label);
  const send = Object.assign(document.createElement('button'), { type: 'button', className: 'main', textContent: words.save });
  const stop = Object.assign(document.createElement('button'), { type: 'button', textContent: words.cancel });
  const ask = () => area.value.trim() && trigger('submit', { question: area.value, instead_of: answer.dataset.answer });
  send.addEventListener('click', ask);
  stop.addEventListener('click', () => form.remove());
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') form.remove();
    if (event.key === 'Enter' && !event.shiftKey) { event.preventDefault(); ask(); }
  });
  form.append(area, send, stop);
  title.after(form);
  area.focus();
};

const acts = {
  stop: () => trigger('stop', {}),
  copy: (button, answer) => {
    const template = answer.querySelector('template[data-copy]');
    copy(button, template.content.textContent.replaceAll(template.dataset.origin, location.origin));
  },
  again: (_, answer) => trigger('submit', { question: text(answer, 'question'), instead_of: answer.dataset.answer }),
  edit: (_, answer) => edit(answer, text(answer, 'question')),
  link: (button, answer) => copy(button, `${location.href.split('#')[0]}#${answer.id}`),
  up: (_, answer) => think(answer, { thumb: 'up' }),
  down: (_, answer) => {
    const form = answer.querySelector('.feedback');
    form.hidden = !form.hidden;
    if (form.hidden) return;
    form.scrollIntoView({ block: 'nearest' });
    form.querySelector('input').focus();
  },
  cancel: (_, answer) => { answer.querySelector('.feedback').hidden = true; },
  send: (_, answer) => {
    const form = answer.querySelector('.feedback');
    think(answer, {
      thumb: 'down',
      wrong: form.querySelector('input:checked')?.value ?? 'other',
      right: form.querySelector('.right').value,
      comment: form.querySelector('.comment').value,
    });
    form.hidden = true;
  },
};
const think = (answer, thought) => {
  for (const thumb of answer.querySelectorAll('.thumb')) {
    thumb.setAttribute('aria-pressed', String(thumb.dataset.act === thought.thumb));
  }
  answer.querySelector('.thanks').textContent = answer.querySelector('template[data-thanks]').content.textContent;
  trigger('like', { answer: answer.dataset.answer, ...thought });
};

const open = (link) => {
  element.querySelectorAll('[aria-current]').forEach((other) => other.removeAttribute('aria-current'));
  link.setAttribute('aria-current', 'true');
  trigger('click', { ...link.dataset });
};

element.addEventListener('click', (event) => {
  const example = event.target.closest('[data-example]');
  if (example) return trigger('submit', { question: example.textContent });
  const button = event.target.closest('[data-act]');
  if (button) return acts[button.dataset.act]?.(button, button.closest('[data-answer]'));
  const link = event.target.closest('a[data-source]');
  if (!link || !plain(event)) return;
  event.preventDefault();
  open(link);
});

// Cards: kept within the column, away with Escape.
const place = (event) => {
  const ref = event.target.closest?.('.ref');
  if (!ref) return;
  const card = ref.querySelector('.card');
  card.classList.remove('gone');
  card.style.left = '0';
  const over = card.getBoundingClientRect().right - element.getBoundingClientRect().right + 16;
  if (over > 0) card.style.left = `${-over}px`;
};
element.addEventListener('mouseover', place);
element.addEventListener('focusin', place);

// Keyboard: j and k go through the numbers, / to the question box, Escape closes.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    if (event.target === box()) event.target.blur();  // to the numbers, by j and k
    element.querySelectorAll('.card').forEach((card) => card.classList.add('gone'));
    document.querySelectorAll('.menu[open]').forEach((menu) => menu.removeAttribute('open'));
    document.body.classList.remove('show-rail');
    if (document.querySelector('#source .chosen')) document.querySelector('#source [data-close]')?.click();
    return;
  }
  if (!plain(event) || event.target.closest('input, textarea, select, [contenteditable=true]')) return;
  if (event.key === '/') {
    event.preventDefault();
    box()?.focus();
  } else if (event.key === 'j' || event.key === 'k') {
    const links = [...element.querySelectorAll('a.cite[data-source]')];
    if (!links.length) return;
    const at = links.findIndex((link) => link.hasAttribute('aria-current'));
    const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + (event.key === 'j' ? 1 : -1)));
    links[next].scrollIntoView({ block: 'nearest' });
    open(links[next]);
  }
});

// The frame's buttons.
const TABS = { '#to-shelf': 'show-shelf', '#to-feedback': 'show-feedback' };
const turnTo = (wanted) => {
  for (const tab of Object.values(TABS)) document.body.classList.toggle(tab, tab === wanted);
  for (const [id, tab] of Object.entries(TABS)) document.querySelector(id)?.setAttribute('aria-pressed', String(tab === wanted));
};
document.addEventListener('click', (event) => {
  const body = document.body.classList;
  if (event.target.closest('#to-rail')) body.toggle('show-rail');
  else if (!event.target.closest('#rail')) body.remove('show-rail');
  for (const [id, tab] of Object.entries(TABS)) if (event.target.closest(id)) turnTo(body.contains(tab) ? '' : tab);
  if (event.target.closest('#fresh, a.talk')) turnTo('');
  if (!event.target.closest('.menu')) document.querySelectorAll('.menu[open]').forEach((menu) => menu.removeAttribute('open'));
});
turnTo('');

// A new question goes to the top of the column, and its answer grows below it. The address names the
// conversation, so that a reload, or a restart of the server, comes back to it; a question that was
// under way then is put back into the box.
let asked = 0;
let first = true;
watch('value', () => {
  const mark = element.querySelector('[data-talk-id]');
  if (!mark) return;
  const url = new URL(location.href);
  if (mark.dataset.talkId) url.searchParams.set('c', mark.dataset.talkId);
  else if (!first || !mark.dataset.asking) url.searchParams.delete('c');
  if (mark.dataset.asking) sessionStorage.setItem(PENDING, mark.dataset.asking);
  const questions = element.querySelectorAll('.question');
  if (first) {
    first = false;
    document.querySelector('#within input')?.setAttribute('placeholder', words.all_documents);
    const lost = sessionStorage.getItem(PENDING);
    if (lost && !mark.dataset.asking) {
      const area = box();
      area.value = lost;
      area.dispatchEvent(new Event('input', { bubbles: true }));
      const told = Object.assign(document.createElement('p'), { className: 'notice', textContent: words.recovered });
      told.setAttribute('role', 'alert');
      element.querySelector('[data-talk-id]').after(told);
    }
    const linked = location.hash.startsWith('#a-') && document.getElementById(location.hash.slice(1));
    if (linked) linked.scrollIntoView({ block: 'center' });
    else questions[questions.length - 1]?.scrollIntoView({ block: 'start' });
  } else {
    url.hash = '';
    if (questions.length > asked) questions[questions.length - 1].scrollIntoView({ block: 'start' });
  }
  if (!mark.dataset.asking) sessionStorage.removeItem(PENDING);
  if (url.href !== location.href) history.replaceState(history.state, '', url);
  asked = questions.length;
});
