// Runs once, on the element of the pane.
element.setAttribute('role', 'complementary');
element.setAttribute('aria-label', 'Sources');
const close = () => {
  trigger('click', { close: true });
  document.querySelector('#log [aria-current]')?.focus();
};
element.addEventListener('click', (event) => {
  if (event.target.closest('[data-close]')) close();
});
element.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close();
});
watch('value', () => {
  element.querySelector('.chosen h2')?.focus({ preventScroll: true });
  const mark = element.querySelector('mark');
  if (mark) mark.scrollIntoView({ block: 'nearest' });
});
