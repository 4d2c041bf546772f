// Runs once, on the list of conversations.
const words = window.footnoteWords;
const rename = (item) => {
  const link = item.querySelector('.talk');
  const input = Object.assign(document.createElement('input'), { value: link.textContent, maxLength: 200 });
  input.setAttribute('aria-label', words.rename_label);
  const done = (keep) => {
    input.replaceWith(link);
    if (keep && input.value.trim()) trigger('input', { act: 'rename', id: item.dataset.talk, title: input.value });
  };
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') done(true);
    if (event.key === 'Escape') done(false);
  });
  link.replaceWith(input);
  item.querySelector('.menu').removeAttribute('open');
  input.select();
};
element.addEventListener('click', (event) => {
  const item = event.target.closest('[data-talk]');
  const act = event.target.closest('[data-act]');
  if (act?.dataset.act === 'rename') return rename(item);
  if (act?.dataset.act === 'delete') {
    if (act.dataset.sure) return trigger('input', { act: 'delete', id: item.dataset.talk });
    act.dataset.sure = 'yes';
    act.textContent = words.delete_sure;
    return;
  }
  const link = event.target.closest('a.talk');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  document.body.classList.remove('show-rail');
  trigger('select', { talk: item.dataset.talk });
});
// One menu at a time.
element.addEventListener('toggle', (event) => {
  if (!event.target.open) return;
  element.querySelectorAll('.menu[open]').forEach((menu) => menu !== event.target && menu.removeAttribute('open'));
}, true);
