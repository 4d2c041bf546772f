// Runs once, on the element of the pane.
element.setAttribute('role', 'complementary');
element.setAttribute('aria-label', window.footnoteWords.sources);
const still = matchMedia('(prefers-reduced-motion: reduce)');
const show = (part, block) => part?.scrollIntoView({ block, behavior: still.matches ? 'auto' : 'smooth' });
const close = () => {
  trigger('click', { close: true });
  document.querySelector('#log [aria-current]')?.focus();
};
const step = (by) => {
  const all = [...element.querySelectorAll('.para')];
  const at = all.findIndex((part) => part.classList.contains('at'));
  const next = all[at + by];
  if (!next) return;
  all[at]?.classList.remove('at');
  next.classList.add('at');
  show(next, 'center');
};
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-close]')) return close();
  const stepper = event.target.closest('[data-step]');
  if (stepper) return step(Number(stepper.dataset.step));
  const copier = event.target.closest('[data-copy-citation]');
  if (copier) return window.footnoteCopy(copier, copier.nextElementSibling.content.textContent);
  const link = event.target.closest('a[data-source]');
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  trigger('click', { ...link.dataset });
});
watch('value', () => {
  element.querySelector('.chosen h2')?.focus({ preventScroll: true });
  const target = element.querySelector('mark') ?? element.querySelector('.para.at');
  target?.scrollIntoView({ block: 'center' });
});
